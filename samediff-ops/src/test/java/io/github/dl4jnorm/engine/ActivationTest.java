package io.github.dl4jnorm.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.kernel.KernelChoice;
import io.github.dl4jnorm.kernel.Workers;
import io.github.dl4jnorm.testing.Differences;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.NormCase;
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
class ActivationTest {
    private static final String WHO = "test";
    private static final List<NormEngine> ENGINES =
            List.of(new FusedEngine(KernelChoice.configured(), new Workers(2)), new Nd4jEngine());

    /** Gradients of x, gamma and beta; those of absent parameters are null. */
    private record Gradients(INDArray dx, INDArray dGamma, INDArray dBeta) {}

    /** A normalization by one of the engines. Statistics are given, or left by the last forward pass. */
    private record Normalization(NormEngine engine, NormAxes axes, double eps, Stats stats, boolean given) {

        INDArray forward(INDArray x, AffineActivation affine, Layout layout) {
            INDArray y = like(x, layout);
            if (given) {
                engine.applyStats(axes, x, affine, stats, y);
            } else {
                engine.standardize(axes, x, affine, eps, y, stats);
            }
            return y;
        }

        Gradients backward(INDArray x, INDArray dy, AffineActivation affine, Layout layout) {
            Gradients gradients = new Gradients(like(x, layout), parameter(affine.gamma()), parameter(affine.beta()));
            if (given) {
                engine.applyStatsBackward(axes, x, dy, affine, stats, gradients.dx, gradients.dGamma, gradients.dBeta);
            } else {
                engine.standardizeBackward(axes, x, dy, affine, stats, gradients.dx, gradients.dGamma, gradients.dBeta);
            }
            return gradients;
        }

        private static INDArray like(INDArray x, Layout layout) {
            return layout.create(x.dataType(), x.shape(), new double[(int) x.length()]);
        }

        private static INDArray parameter(INDArray like) {
            return like == null ? null : Nd4j.create(like.dataType(), like.shape());
        }

        @Override
        public String toString() {
            return engine.name() + (given ? ", given statistics" : "");
        }
    }

    private static List<Normalization> normalizations(NormCase c, NormAxes axes) {
        List<Normalization> all = new ArrayList<>();
        for (NormEngine engine : ENGINES) {
            all.add(new Normalization(engine, axes, c.eps(), Stats.allocate(axes, c.type(), Activation.RELU), false));
            Stats given = Stats.allocate(axes, c.type());
            engine.standardize(axes, c.x(), AffineActivation.none(), c.eps(), c.x(), given);
            all.add(new Normalization(engine, axes, c.eps(), given, true));
        }
        return all;
    }

    @Property(tries = 200)
    void batchNormIsFollowedByRelu(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        isFollowedByRelu(c, NormAxes.perChannel(WHO, c.shape(), c.axes()[0]));
    }

    @Property(tries = 200)
    void layerNormIsFollowedByRelu(@ForAll(supplier = NormCase.OverAxes.class) NormCase c) {
        isFollowedByRelu(c, NormAxes.over(WHO, c.shape(), c.axes()));
    }

    /**
     * The normalization alone with DL4J's activation behind it gives the same bits; backward, where the order of ND4J's
     * sums depends on how a gradient lies in memory, the same but for rounding.
     */
    private static void isFollowedByRelu(NormCase c, NormAxes axes) {
        INDArray x = c.x();
        // Both parameters or none: an array more in a pass may change the order of a sum.
        boolean affine = c.optionalParameter(1) != null;
        AffineActivation plain =
                affine ? new AffineActivation(c.parameter(1), c.parameter(2)) : AffineActivation.none();
        AffineActivation relu = new AffineActivation(plain.gamma(), plain.beta(), Activation.RELU);
        for (Normalization norm : normalizations(c, axes)) {
            INDArray y = norm.forward(x, plain, c.dyLayout());
            INDArray expected = new ActivationReLU().getActivation(y.dup(), true);
            assertSame(norm + ": y", expected, norm.forward(x, relu, c.dyLayout()));

            INDArray passed = c.dy();
            // DL4J's gradient is not for half types.
            passed.assign(new ActivationReLU()
                    .backprop(Stats.wide(y), Stats.wide(c.dy()))
                    .getFirst());
            Gradients composed = norm.backward(x, passed, plain, c.xLayout());
            Gradients fused = norm.backward(x, c.dy(), relu, c.xLayout());
            boolean bits = norm.engine instanceof FusedEngine;
            long length = x.length();
            double spread = 50 / Math.sqrt(c.eps());
            assertClose(norm + ": dx", composed.dx, fused.dx, bits ? 0 : length, spread);
            if (affine) {
                assertClose(norm + ": dGamma", composed.dGamma, fused.dGamma, bits ? 0 : length, 50.0 * length);
                assertClose(norm + ": dBeta", composed.dBeta, fused.dBeta, bits ? 0 : length, 5.0 * length);
            }
        }
    }

    private static void assertSame(String what, INDArray expected, INDArray actual) {
        assertArrayEquals(unsignedZeros(expected), unsignedZeros(actual), what);
    }

    /** Exactly for a length of 0, else as two sums of so many terms of some magnitude. */
    private static void assertClose(String what, INDArray expected, INDArray actual, long length, double magnitude) {
        if (length == 0) {
            assertSame(what, expected, actual);
        } else {
            double bound = 2 * Tolerances.bound(actual.dataType(), length, magnitude, magnitude);
            Tolerances.assertClose(what, Doubles.of(expected), Doubles.of(actual), bound);
        }
    }

    /** −0 + 0 is 0. */
    private static double[] unsignedZeros(INDArray array) {
        return Arrays.stream(Doubles.of(array)).map(v -> v + 0.0).toArray();
    }

    @Property(tries = 60)
    void batchNormAgreesWithDifferences(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c) {
        agreesWithDifferences(c, NormAxes.perChannel(WHO, c.shape(), c.axes()[0]));
    }

    @Property(tries = 60)
    void layerNormAgreesWithDifferences(@ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c) {
        agreesWithDifferences(c, NormAxes.over(WHO, c.shape(), c.axes()));
    }

    private static void agreesWithDifferences(NormCase c, NormAxes axes) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        AffineActivation relu = new AffineActivation(gamma, beta, Activation.RELU);
        for (Normalization norm : normalizations(c, axes)) {
            INDArray before = norm.forward(x, new AffineActivation(gamma, beta), Layout.C);
            // At a kink there is no derivative.
            Assume.that(Arrays.stream(Doubles.of(before)).allMatch(v -> Math.abs(v) > 1e-3));
            norm.forward(x, relu, Layout.C);
            Gradients gradients = norm.backward(x, dy, relu, c.dyLayout());
            double magnitude = 0;
            for (int i = 0; i < before.length(); i++) {
                magnitude += Math.abs(Doubles.of(dy)[i]) * (1 + Math.abs(Doubles.of(before)[i]));
            }
            double largest =
                    Arrays.stream(Doubles.of(norm.stats.invStd())).max().orElseThrow();
            double bound = Tolerances.ofDifferences(x.length(), magnitude, Math.min(1, 1 / largest));
            assertDerivative(norm + ": dx", gradients.dx, dy, x, at -> norm.forward(at, relu, Layout.C), bound);
            assertDerivative(
                    norm + ": dGamma",
                    gradients.dGamma,
                    dy,
                    gamma,
                    at -> norm.forward(x, new AffineActivation(at, beta, Activation.RELU), Layout.C),
                    bound);
            assertDerivative(
                    norm + ": dBeta",
                    gradients.dBeta,
                    dy,
                    beta,
                    at -> norm.forward(x, new AffineActivation(gamma, at, Activation.RELU), Layout.C),
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
        NormAxes axes = NormAxes.perChannel(WHO, new long[] {2, 4}, 1);
        INDArray zeros = Nd4j.zeros(DataType.FLOAT, 4);
        Stats stats = Stats.of(axes, DataType.FLOAT, zeros, zeros.add(1), 1e-9);
        INDArray x = Nd4j.createFromArray(
                new float[][] {{0, -0f, Float.NaN, 1}, {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -1, 2}});
        INDArray dy = Nd4j.createFromArray(new float[][] {{Float.NaN, 1, Float.NaN, 5}, {6, Float.NaN, 8, 9}});
        AffineActivation relu = new AffineActivation(null, null, Activation.RELU);
        for (NormEngine engine : ENGINES) {
            INDArray y = x.like();
            engine.applyStats(axes, x, relu, stats, y);
            assertSame(engine.name(), new ActivationReLU().getActivation(x.dup(), true), y);
            assertSame(
                    engine.name(),
                    Nd4j.createFromArray(new float[][] {{0, 0, Float.NaN, 1}, {Float.POSITIVE_INFINITY, 0, 0, 2}}),
                    y);
            INDArray dx = x.like();
            engine.applyStatsBackward(axes, x, dy, relu, stats, dx, null, null);
            assertSame(engine.name(), new ActivationReLU().backprop(x.dup(), dy).getFirst(), dx);
            assertSame(engine.name(), Nd4j.createFromArray(new float[][] {{0, 0, 0, 5}, {6, 0, 0, 9}}), dx);
        }
    }

    @Test
    void refusesNoActivationAtAll() {
        assertEquals(
                "activation",
                assertThrows(NullPointerException.class, () -> new AffineActivation(null, null, null))
                        .getMessage());
    }
}
