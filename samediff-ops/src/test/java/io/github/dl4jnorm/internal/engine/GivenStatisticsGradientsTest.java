package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Differences;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GivenStatisticsGradientsTest {
    private static final long[] SHAPE = {4, 3, 5};
    private static final double EPS = 0.1;

    private final NormEngine engine = new Nd4jEngine();

    /** Small numbers, all of them exact: γ = (2, −4), σ² + ε = (4, 1), dγ = (8, 16), dβ = (1, 3). */
    @Test
    void byHand() {
        NormSpec spec = NormSpec.batchNormInference(1, 1);
        for (DataType type : Samples.TYPES) {
            GivenStatisticsGradients gradients = GivenStatisticsGradients.of(
                    spec,
                    new AffineParameters(vector(type, 2, -4), null),
                    GroupStatistics.given(vector(type, 7, 7), vector(type, 3, 0)),
                    new Gradients(null, vector(type, 8, 16), vector(type, 1, 3)));
            assertArrayEquals(new double[] {-1, 12}, Doubles.of(gradients.dMean()));
            assertArrayEquals(new double[] {-2, 32}, Doubles.of(gradients.dVariance()));
            assertEquals(type, gradients.dMean().dataType());
            assertEquals(type, gradients.dVariance().dataType());
        }
    }

    private static INDArray vector(DataType type, double... values) {
        return Doubles.toArray(type, new long[] {values.length}, values);
    }

    @Test
    void haveTheShapesAndTypesOfTheStatistics() {
        NormSpec spec = NormSpec.batchNormInference(1, 1);
        INDArray row = Nd4j.ones(DataType.FLOAT16, 1, 3);
        INDArray column = Nd4j.ones(DataType.FLOAT, 3, 1);
        GivenStatisticsGradients gradients = GivenStatisticsGradients.of(
                spec,
                AffineParameters.none(),
                GroupStatistics.given(row, column),
                new Gradients(null, Nd4j.ones(DataType.FLOAT16, 3), Nd4j.ones(DataType.FLOAT16, 3)));
        assertArrayEquals(new long[] {1, 3}, gradients.dMean().shape());
        assertEquals(DataType.FLOAT16, gradients.dMean().dataType());
        assertArrayEquals(new long[] {3, 1}, gradients.dVariance().shape());
        assertEquals(DataType.FLOAT, gradients.dVariance().dataType());
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "true, true"})
    void agreeWithDifferences(boolean withGamma, boolean unitOffset) {
        NormSpec spec = NormSpec.batchNormInference(EPS, 1).withUnitOffset(unitOffset);
        INDArray x = random(1, SHAPE);
        INDArray dy = random(2, SHAPE);
        AffineParameters affine = new AffineParameters(withGamma ? random(3, 3) : null, random(4, 3));
        INDArray mean = random(5, 3);
        INDArray variance = Doubles.toArray(DataType.DOUBLE, new long[] {3}, 0.2, 1, 3);
        GroupStatistics statistics = GroupStatistics.given(mean, variance);
        Gradients gradients = new Gradients(x.ulike(), mean.ulike(), mean.ulike());
        engine.backward(spec, x, dy, affine, statistics, gradients);
        GivenStatisticsGradients given = GivenStatisticsGradients.of(spec, affine, statistics, gradients);

        double magnitude = 0;
        double[] y = Doubles.of(forward(spec, x, affine, statistics));
        for (int i = 0; i < y.length; i++) {
            magnitude += Math.abs(Doubles.of(dy)[i]) * (1 + Math.abs(y[i]));
        }
        // The derivatives with respect to σ² are in units of σ² + ε.
        double bound = Tolerances.ofDifferences(x.length(), magnitude, 0.2 + EPS);
        Tolerances.assertClose(
                "dMean",
                Differences.gradient(at -> forward(spec, x, affine, statistics), dy, mean),
                Doubles.of(given.dMean()),
                bound);
        Tolerances.assertClose(
                "dVariance",
                Differences.gradient(at -> forward(spec, x, affine, statistics), dy, variance),
                Doubles.of(given.dVariance()),
                bound);
    }

    private INDArray forward(NormSpec spec, INDArray x, AffineParameters affine, GroupStatistics statistics) {
        INDArray y = x.ulike();
        engine.forward(spec, x, affine, statistics, y);
        return y;
    }

    private static INDArray random(int seed, long... shape) {
        return Doubles.toArray(DataType.DOUBLE, shape, Samples.gaussian(seed, Doubles.length(shape)));
    }
}
