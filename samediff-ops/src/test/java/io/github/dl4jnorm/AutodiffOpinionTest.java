package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every gradient against ND4J's: SameDiff differentiates each normalization as it may be composed of products, roots and
 * divisions. Sums over groups are products with a matrix of zeros and ones: ND4J's gradients of means and sums fail on
 * axes of size 1.
 */
class AutodiffOpinionTest {
    private final NDNorm norm = new NDNorm();

    /** A composed normalization of x as one row. */
    private record Composition(NormSpec spec, INDArray sameGroup, INDArray sameParameter, int m) {
        static Composition of(NormSpec spec, long[] shape) {
            Reference reference = Reference.of(spec, shape);
            int length = Doubles.length(shape);
            INDArray sameGroup = Nd4j.create(DataType.DOUBLE, length, length);
            INDArray sameParameter = Nd4j.create(DataType.DOUBLE, reference.parameters(), length);
            for (int i = 0; i < length; i++) {
                sameParameter.putScalar(reference.parameterOf(i), i, 1);
                for (int j = 0; j < length; j++) {
                    sameGroup.putScalar(i, j, reference.groupOf(i) == reference.groupOf(j) ? 1 : 0);
                }
            }
            return new Composition(spec, sameGroup, sameParameter, reference.groupSize());
        }

        SDVariable y(SDVariable x, SDVariable gamma, SDVariable beta) {
            SDVariable spread = x.getSameDiff().constant("spread", sameParameter);
            SDVariable factor = gamma.mmul(spread);
            SDVariable y =
                    xHat(x).mul(spec.unitOffset() ? factor.add(1) : factor).add(beta.mmul(spread));
            return spec.activation() == FusedActivation.RELU
                    ? x.getSameDiff().nn().relu(y, 0)
                    : y;
        }

        private SDVariable xHat(SDVariable x) {
            SDVariable groups = x.getSameDiff().constant("groups", sameGroup);
            return switch (spec.statistic()) {
                case MEAN_VARIANCE -> {
                    SDVariable centred = x.sub(x.mmul(groups).div(m));
                    yield centred.div(rooted(centred.mul(centred).mmul(groups).div(m)));
                }
                case ROOT_MEAN_SQUARE -> x.div(rooted(x.mul(x).mmul(groups).div(m)));
                case L2 -> {
                    SDVariable floor = x.getSameDiff().constant(spec.eps());
                    yield x.div(x.getSameDiff()
                            .math()
                            .sqrt(x.getSameDiff().math().max(x.mul(x).mmul(groups), floor)));
                }
                case SUM -> x.div(x.mmul(groups).add(spec.eps()));
                case GIVEN -> throw new AssertionError("not from x");
            };
        }

        private SDVariable rooted(SDVariable square) {
            return square.getSameDiff().math().sqrt(square.add(spec.eps()));
        }
    }

    @Property(tries = 40)
    void batchNorm(@ForAll(supplier = NormCase.SmallPerChannel.class) NormCase c, @ForAll boolean relu) {
        agrees(c, activated(NormSpec.batchNorm(c.eps(), c.axes()[0]), relu));
    }

    @Property(tries = 40)
    void groupNormAndInstanceNorm(@ForAll(supplier = NormCase.SmallPerExample.class) NormCase c, @ForAll boolean relu) {
        agrees(c, activated(NormSpec.groupNorm(c.channelGroups(), c.eps(), c.axes()[0]), relu));
        agrees(c, activated(NormSpec.instanceNorm(c.eps(), c.axes()[0]), relu));
    }

    @Property(tries = 80)
    void overAxes(
            @ForAll(supplier = NormCase.SmallOverAxes.class) NormCase c,
            @ForAll boolean relu,
            @ForAll boolean unitOffset) {
        agrees(c, activated(NormSpec.layerNorm(c.eps(), c.axes()), relu));
        agrees(c, activated(NormSpec.rmsNorm(c.eps(), c.axes()), relu).withUnitOffset(unitOffset));
        agrees(c, activated(NormSpec.unitNorm(c.eps(), c.axes()), relu));
        agrees(c, activated(NormSpec.sumNorm(c.eps(), c.axes()), relu));
    }

    private void agrees(NormCase c, NormSpec spec) {
        INDArray x = c.mostlyPositiveX();
        // ND4J's gradient of a product of 1×1 matrices fails.
        Assume.that(x.length() > 1);
        INDArray dy = c.dy();
        INDArray gamma = c.parameter(1);
        INDArray beta = c.parameter(2);
        double[] before = Doubles.of(norm.normalize(spec.with(FusedActivation.IDENTITY), x, gamma, beta)
                .y());
        if (spec.activation() == FusedActivation.RELU) {
            // At a kink there is no derivative.
            Assume.that(Arrays.stream(before).allMatch(v -> Math.abs(v) > 1e-6));
        }
        Normalized forward = norm.normalize(spec, x, gamma, beta);
        NormGradients actual = forward.backward(dy);

        SameDiff sd = SameDiff.create();
        SDVariable y = Composition.of(spec, c.shape())
                .y(sd.var("x", row(x)), sd.var("gamma", row(gamma)), sd.var("beta", row(beta)));
        y.mul(sd.constant("dy", row(dy))).sum("loss").markAsLoss();
        Map<String, INDArray> expected = sd.calculateGradients(Map.of(), "x", "gamma", "beta");

        // Composed, a factor of 1/√(q+ε) more goes in and comes out again, and x̂ may be as large as √M.
        double s =
                Arrays.stream(Doubles.of(forward.scale())).map(Math::abs).max().orElseThrow();
        double sizes = (1 + largest(gamma)) * (1 + largest(dy)) * x.length();
        double bound = Tolerances.bound(DataType.DOUBLE, x.length(), 0, sizes * Math.max(1, s * s * s));
        assertClose("y", Doubles.of(y.eval()), Doubles.of(forward.y()), bound);
        assertClose("dx", Doubles.of(expected.get("x")), Doubles.of(actual.dx()), bound);
        assertClose("dGamma", Doubles.of(expected.get("gamma")), Doubles.of(actual.dGamma()), bound);
        assertClose("dBeta", Doubles.of(expected.get("beta")), Doubles.of(actual.dBeta()), bound);
    }

    private static NormSpec activated(NormSpec spec, boolean relu) {
        return relu ? spec.with(FusedActivation.RELU) : spec;
    }

    private static INDArray row(INDArray array) {
        return Doubles.toArray(DataType.DOUBLE, new long[] {1, array.length()}, Doubles.of(array));
    }

    private static double largest(INDArray array) {
        return Arrays.stream(Doubles.of(array)).map(Math::abs).max().orElseThrow();
    }
}
