package io.github.dl4jnorm;

import static io.github.dl4jnorm.AgainstReference.assertBackward;
import static io.github.dl4jnorm.AgainstReference.assertForward;
import static io.github.dl4jnorm.AgainstReference.assertLike;
import static io.github.dl4jnorm.AgainstReference.assertParameter;
import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.NormCase;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** BatchNorm on random shapes, axes, layouts and types, against the formulas. */
class BatchNormTest {
    private final NDNorm norm = new NDNorm();

    @Property(tries = 300)
    void forward(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        assertForward(norm.batchNorm(c.x(), c.optionalParameter(1), c.optionalParameter(2), c.eps(), c.axes()[0]));
    }

    @Property(tries = 300)
    void backward(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        assertBackward(
                norm.batchNorm(c.x(), c.optionalParameter(1), c.optionalParameter(2), c.eps(), c.axes()[0]), c.dy());
    }

    @Property(tries = 300)
    void inference(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray gamma = c.optionalParameter(1);
        INDArray beta = c.optionalParameter(2);
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);

        Normalized actual = norm.batchNormInference(x, mean, variance, gamma, beta, c.eps(), c.axes()[0]);

        Reference.Forward expected = given(c.eps(), c.axes()[0], x, mean, variance)
                .forward(Doubles.of(x), Doubles.orNull(gamma), Doubles.orNull(beta));
        assertLike(x, actual.y());
        assertClose("y", expected.y(), actual.y());
        assertClose("scale", expected.scale(), actual.scale());
    }

    @Property(tries = 300)
    void inferenceBackward(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.optionalParameter(1);
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);

        INDArray beta = c.optionalParameter(2);

        Normalized forward = norm.batchNormInference(x, mean, variance, gamma, beta, c.eps(), c.axes()[0]);
        NormGradients actual = forward.backward(dy);

        Reference reference = given(c.eps(), c.axes()[0], x, mean, variance);
        Reference.Gradients expected = reference.backward(Doubles.of(x), Doubles.of(dy), Doubles.orNull(gamma), null);
        Reference.GivenGradients ofGiven =
                reference.ofGiven(Doubles.of(x), Doubles.of(dy), Doubles.orNull(gamma), null);
        assertLike(x, actual.dx());
        assertClose("dx", expected.dx(), actual.dx());
        assertParameter("dGamma", forward, expected.dGamma(), gamma, actual.dGamma());
        assertParameter("dBeta", forward, expected.dBeta(), beta, actual.dBeta());
        assertClose("dMean", ofGiven.dMean(), actual.dMean());
        assertClose("dVariance", ofGiven.dVariance(), actual.dVariance());
    }

    /** Half types are computed in float: r³ and r² overflow FLOAT16 long before their products with dy do. */
    @Property(tries = 4)
    void inferenceBackwardOfATinyVariance(@ForAll("halfTypes") DataType type) {
        INDArray x = Doubles.toArray(type, new long[] {1, 2}, 0.01, -0.01);
        INDArray dy = Doubles.toArray(type, new long[] {1, 2}, 0.001, 0.001);
        INDArray mean = Doubles.toArray(DataType.FLOAT, new long[] {2}, 0, 0);
        INDArray variance = Doubles.toArray(DataType.FLOAT, new long[] {2}, 0, 1e-7);

        NormGradients actual =
                norm.batchNormInference(x, mean, variance, null, null, 1e-6, 1).backward(dy);

        Reference.GivenGradients expected =
                given(1e-6, 1, x, mean, variance).ofGiven(Doubles.of(x), Doubles.of(dy), null, null);
        assertEquals(DataType.FLOAT, actual.dMean().dataType(), "the type of the mean, not of x");
        assertEquals(DataType.FLOAT, actual.dVariance().dataType());
        double twice = 2 * Tolerances.unitRoundoff(type);
        for (int i = 0; i < 2; i++) {
            double dMean = expected.dMean().values()[i];
            double dVariance = expected.dVariance().values()[i];
            assertEquals(dMean, actual.dMean().getDouble(i), twice * Math.abs(dMean));
            assertEquals(dVariance, actual.dVariance().getDouble(i), twice * Math.abs(dVariance));
        }
    }

    @Provide
    Arbitrary<DataType> halfTypes() {
        return Arbitraries.of(DataType.FLOAT16, DataType.BFLOAT16);
    }

    private static Reference given(double eps, int axis, INDArray x, INDArray mean, INDArray variance) {
        return Reference.given(
                NormSpec.batchNormInference(eps, axis), x.shape(), Doubles.of(mean), Doubles.of(variance));
    }
}
