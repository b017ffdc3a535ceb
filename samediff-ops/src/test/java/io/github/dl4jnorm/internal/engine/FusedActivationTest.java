package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.dl4jnorm.internal.kernel.KernelChoice;
import io.github.dl4jnorm.internal.kernel.Workers;
import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Differences;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A rectifier in the same pass, on both engines, with the batch's statistics and with given ones. */
class FusedActivationTest {
    private static final List<NormEngine> ENGINES =
            List.of(new FusedEngine(KernelChoice.configured(), new Workers(2)), new Nd4jEngine());

    /** A normalization by each engine, with the statistics of x, and with the same as given ones. */
    private static List<Normalization> normalizations(NormSpec spec, INDArray x) {
        List<Normalization> all = new ArrayList<>();
        for (NormEngine engine : ENGINES) {
            Normalization own = Normalization.of(engine, spec, x);
            all.add(own);
            if (spec.statistic() == Statistic.MEAN_VARIANCE) {
                own.forward(x, AffineParameters.none(), Layout.C);
                GroupStatistics given = GroupStatistics.given(
                        own.statistics().center().dup(),
                        own.statistics().measure().dup());
                NormSpec ofGiven = new NormSpec(Statistic.GIVEN, spec.axes(), spec.eps());
                all.add(new Normalization(engine, ofGiven, given));
            }
        }
        return all;
    }

    @Property(tries = 200)
    void batchNormIsFollowedByRelu(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        isFollowedByRelu(c, NormSpec.batchNorm(c.eps(), c.axes()[0]), c.x());
    }

    @Property(tries = 200)
    void layerNormIsFollowedByRelu(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        isFollowedByRelu(c, NormSpec.layerNorm(c.eps(), c.axes()), c.x());
    }

    @Property(tries = 100)
    void groupNormIsFollowedByRelu(@ForAll(supplier = NormCase.PerExample.class) NormCase c) {
        isFollowedByRelu(c, NormSpec.groupNorm(c.channelGroups(), c.eps(), c.axes()[0]), c.x());
    }

    @Property(tries = 100)
    void rmsNormIsFollowedByRelu(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        isFollowedByRelu(c, NormSpec.rmsNorm(c.eps(), c.axes()).withUnitOffset(true), c.x());
    }

    @Property(tries = 100)
    void sumNormIsFollowedByRelu(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        isFollowedByRelu(c, NormSpec.sumNorm(c.eps(), c.axes()), c.mostlyPositiveX());
    }

    /**
     * The normalization alone with DL4J's activation behind it gives the same bits; backward, where the order of ND4J's
     * sums depends on how a gradient lies in memory, both are the gradients of what the activation passed.
     */
    private static void isFollowedByRelu(NormCase c, NormSpec spec, INDArray x) {
        // Both parameters or none: an array more in a pass may change the order of a sum.
        boolean affine = c.optionalParameter(1) != null;
        AffineParameters parameters =
                affine ? new AffineParameters(c.parameter(1), c.parameter(2)) : AffineParameters.none();
        for (Normalization norm : normalizations(spec, x)) {
            Normalization relu = norm.with(norm.spec().with(FusedActivation.RELU));
            INDArray y = norm.forward(x, parameters, c.dyLayout());
            INDArray expected = new ActivationReLU().getActivation(y.dup(), true);
            assertSame(norm + ": y", expected, relu.forward(x, parameters, c.dyLayout()));

            INDArray passed = c.dy();
            // DL4J's gradient is not for half types.
            passed.assign(new ActivationReLU()
                    .backprop(ComputeTypes.wide(y), ComputeTypes.wide(c.dy()))
                    .getFirst());
            Gradients composed = norm.backward(x, passed, parameters, c.xLayout());
            Gradients fused = relu.backward(x, c.dy(), parameters, c.xLayout());
            if (norm.engine() instanceof FusedEngine) {
                assertSame(norm + ": dx", composed.dx(), fused.dx());
                assertSame(norm + ": dGamma", composed.dGamma(), fused.dGamma());
                assertSame(norm + ": dBeta", composed.dBeta(), fused.dBeta());
            } else {
                Reference.Gradients exact = reference(norm, c)
                        .backward(
                                Doubles.of(x),
                                Doubles.of(passed),
                                Doubles.orNull(parameters.gamma()),
                                Doubles.orNull(parameters.beta()));
                for (Gradients gradients : List.of(composed, fused)) {
                    Tolerances.assertClose(norm + ": dx", exact.dx(), gradients.dx());
                    Tolerances.assertClose(norm + ": dGamma", exact.dGamma(), gradients.dGamma());
                    Tolerances.assertClose(norm + ": dBeta", exact.dBeta(), gradients.dBeta());
                }
            }
        }
    }

    private static Reference reference(Normalization norm, NormCase c) {
        GroupStatistics statistics = norm.statistics();
        return norm.spec().statistic().isGiven()
                ? Reference.given(
                        norm.spec(), c.shape(), Doubles.of(statistics.center()), Doubles.of(statistics.measure()))
                : Reference.of(norm.spec(), c.shape());
    }

    private static void assertSame(String what, INDArray expected, INDArray actual) {
        assertArrayEquals(unsignedZeros(expected), unsignedZeros(actual), what);
    }

    /** −0 + 0 is 0. */
    private static double[] unsignedZeros(INDArray array) {
        return Arrays.stream(Doubles.of(array)).map(v -> v + 0.0).toArray();
    }

    @Property(tries = 60)
    void batchNormAgreesWithDifferences(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        agreesWithDifferences(c, NormSpec.batchNorm(c.eps(), c.axes()[0]));
    }

    @Property(tries = 60)
    void layerNormAgreesWithDifferences(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        agreesWithDifferences(c, NormSpec.layerNorm(c.eps(), c.axes()));
    }

    private static void agreesWithDifferences(NormCase c, NormSpec spec) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        AffineParameters affine = new AffineParameters(gamma, beta);
        for (Normalization norm : normalizations(spec, x)) {
            Normalization relu = norm.with(norm.spec().with(FusedActivation.RELU));
            INDArray before = norm.forward(x, affine, Layout.C);
            // At a kink there is no derivative.
            Assume.that(Arrays.stream(Doubles.of(before)).allMatch(v -> Math.abs(v) > 1e-3));
            relu.forward(x, affine, Layout.C);
            Gradients gradients = relu.backward(x, dy, affine, c.dyLayout());
            double magnitude = 0;
            for (int i = 0; i < before.length(); i++) {
                magnitude += Math.abs(Doubles.of(dy)[i]) * (1 + Math.abs(Doubles.of(before)[i]));
            }
            double largest = Arrays.stream(Doubles.of(norm.statistics().scale(norm.spec())))
                    .max()
                    .orElseThrow();
            double bound = Tolerances.ofDifferences(x.length(), magnitude, Math.min(1, 1 / largest));
            assertDerivative(norm + ": dx", gradients.dx(), dy, x, at -> relu.forward(at, affine, Layout.C), bound);
            assertDerivative(
                    norm + ": dGamma",
                    gradients.dGamma(),
                    dy,
                    gamma,
                    at -> relu.forward(x, new AffineParameters(at, beta), Layout.C),
                    bound);
            assertDerivative(
                    norm + ": dBeta",
                    gradients.dBeta(),
                    dy,
                    beta,
                    at -> relu.forward(x, new AffineParameters(gamma, at), Layout.C),
                    bound);
        }
    }

    private static void assertDerivative(
            String what, INDArray actual, INDArray dy, INDArray at, Function<INDArray, INDArray> f, double bound) {
        Tolerances.assertClose(what, Differences.gradient(f, dy, at), Doubles.of(actual), bound);
    }

    /** What DL4J's activation does: NaN goes on, and nothing passes back at 0 or NaN, not even NaN. */
    @Test
    void zeroAndNaN() {
        NormSpec spec = NormSpec.batchNormInference(1e-9, 1).with(FusedActivation.RELU);
        INDArray zeros = Nd4j.zeros(DataType.FLOAT, 4);
        GroupStatistics statistics = GroupStatistics.given(zeros, zeros.add(1));
        INDArray x = Nd4j.createFromArray(
                new float[][] {{0, -0f, Float.NaN, 1}, {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -1, 2}});
        INDArray dy = Nd4j.createFromArray(new float[][] {{Float.NaN, 1, Float.NaN, 5}, {6, Float.NaN, 8, 9}});
        for (NormEngine engine : ENGINES) {
            INDArray y = x.like();
            engine.forward(spec, x, AffineParameters.none(), statistics, y);
            assertSame(engine.name(), new ActivationReLU().getActivation(x.dup(), true), y);
            assertSame(
                    engine.name(),
                    Nd4j.createFromArray(new float[][] {{0, 0, Float.NaN, 1}, {Float.POSITIVE_INFINITY, 0, 0, 2}}),
                    y);
            INDArray dx = x.like();
            Gradients gradients = new Gradients(dx, null, null);
            engine.backward(spec, x, dy, AffineParameters.none(), statistics, gradients);
            assertSame(engine.name(), new ActivationReLU().backprop(x.dup(), dy).getFirst(), dx);
            assertSame(engine.name(), Nd4j.createFromArray(new float[][] {{0, 0, 0, 5}, {6, 0, 0, 9}}), dx);
        }
    }
}
