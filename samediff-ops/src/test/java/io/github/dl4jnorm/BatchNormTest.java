package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
        INDArray x = c.x();
        INDArray gamma = c.optionalParameter(1);
        INDArray beta = c.optionalParameter(2);

        NDNorm.Standardized actual = norm.batchNorm(x, gamma, beta, c.eps(), c.axes()[0]);

        Reference.Standardized expected = Reference.perChannel(c.shape(), c.axes()[0])
                .standardize(Doubles.of(x), Doubles.orNull(gamma), Doubles.orNull(beta), c.eps());
        assertLike(x, actual.y());
        assertClose("y", expected.y(), actual.y());
        assertClose("mean", expected.mean(), actual.mean());
        assertClose("variance", expected.variance(), actual.variance());
        assertClose("invStd", expected.invStd(), actual.invStd());
    }

    @Property(tries = 300)
    void backward(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.optionalParameter(1);
        int axis = c.axes()[0];
        NDNorm.Standardized forward = norm.batchNorm(x, gamma, null, c.eps(), axis);

        NDNorm.Gradients actual = norm.batchNormBackward(x, dy, gamma, forward.stats(), axis);

        Reference.Gradients expected = Reference.perChannel(c.shape(), axis)
                .standardizeBackward(
                        Doubles.of(x),
                        Doubles.of(dy),
                        Doubles.orNull(gamma),
                        Doubles.of(forward.mean()),
                        Doubles.of(forward.invStd()));
        assertLike(x, actual.dx());
        assertClose("dx", expected.dx(), actual.dx());
        assertClose("dGamma", expected.dGamma(), actual.dGamma());
        assertClose("dBeta", expected.dBeta(), actual.dBeta());
    }

    @Property(tries = 300)
    void inference(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray gamma = c.optionalParameter(1);
        INDArray beta = c.optionalParameter(2);
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);

        INDArray actual = norm.batchNormInference(x, mean, variance, gamma, beta, c.eps(), c.axes()[0]);

        assertLike(x, actual);
        assertClose(
                "y",
                Reference.perChannel(c.shape(), c.axes()[0])
                        .applyStats(
                                Doubles.of(x),
                                Doubles.of(mean),
                                Doubles.of(variance),
                                Doubles.orNull(gamma),
                                Doubles.orNull(beta),
                                c.eps()),
                actual);
    }

    @Property(tries = 300)
    void inferenceBackward(@ForAll(supplier = NormCase.PerChannel.class) NormCase c) {
        INDArray x = c.x();
        INDArray dy = c.dy();
        INDArray gamma = c.optionalParameter(1);
        INDArray mean = c.parameter(3);
        INDArray variance = c.variance(4);

        NDNorm.InferenceGradients actual =
                norm.batchNormInferenceBackward(x, dy, mean, variance, gamma, c.eps(), c.axes()[0]);

        Reference.GivenGradients expected = Reference.perChannel(c.shape(), c.axes()[0])
                .applyStatsBackward(
                        Doubles.of(x),
                        Doubles.of(dy),
                        Doubles.of(mean),
                        Doubles.of(variance),
                        Doubles.orNull(gamma),
                        c.eps());
        assertLike(x, actual.dx());
        assertClose("dx", expected.dx(), actual.dx());
        assertClose("dGamma", expected.dGamma(), actual.dGamma());
        assertClose("dBeta", expected.dBeta(), actual.dBeta());
        assertClose("dMean", expected.dMean(), actual.dMean());
        assertClose("dVariance", expected.dVariance(), actual.dVariance());
    }

    /** Half types are computed in float: r³ and r² overflow FLOAT16 long before their products with dy do. */
    @Property(tries = 4)
    void inferenceBackwardOfATinyVariance(@ForAll("halfTypes") DataType type) {
        INDArray x = Doubles.toArray(type, new long[] {1, 2}, 0.01, -0.01);
        INDArray dy = Doubles.toArray(type, new long[] {1, 2}, 0.001, 0.001);
        INDArray mean = Doubles.toArray(DataType.FLOAT, new long[] {2}, 0, 0);
        INDArray variance = Doubles.toArray(DataType.FLOAT, new long[] {2}, 0, 1e-7);

        NDNorm.InferenceGradients actual = norm.batchNormInferenceBackward(x, dy, mean, variance, null, 1e-6, 1);

        Reference.GivenGradients expected = Reference.perChannel(x.shape(), 1)
                .applyStatsBackward(Doubles.of(x), Doubles.of(dy), Doubles.of(mean), Doubles.of(variance), null, 1e-6);
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

    private static void assertLike(INDArray x, INDArray result) {
        assertEquals(x.dataType(), result.dataType());
        assertArrayEquals(x.shape(), result.shape());
    }
}
