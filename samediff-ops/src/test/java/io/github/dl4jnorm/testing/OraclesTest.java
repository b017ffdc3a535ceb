package io.github.dl4jnorm.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The oracles against each other and against numbers worked by hand, without the library. */
class OraclesTest {
    private static final int N = 6;
    private static final int D = 4;
    private static final double EPS = 0.01;

    private final long[] shape = {N, D};
    private final double[] x = Samples.gaussian(1, N * D);
    private final double[] dy = Samples.gaussian(2, N * D);
    private final double[] gamma = Samples.gaussian(3, D);

    @Test
    void threeWaysToBatchNormsGradientAgree() {
        Reference reference = Reference.perChannel(shape, 1);
        Reference.Standardized forward = reference.standardize(x, gamma, null, EPS);
        Reference.Gradients formula = reference.standardizeBackward(
                x, dy, gamma, forward.mean().values(), forward.invStd().values());
        BatchNormPaths paths = new BatchNormPaths(rows(x), rows(dy), gamma, EPS);
        for (BatchNormPaths.Gradients other : Arrays.asList(paths.nineSteps(), paths.threePaths())) {
            assertArrayEquals(formula.dx().values(), flat(other.dx()), 1e-13);
            assertArrayEquals(formula.dGamma().values(), other.dGamma(), 1e-13);
            assertArrayEquals(formula.dBeta().values(), other.dBeta(), 1e-13);
        }
    }

    @Test
    void referenceGradientsAreDerivatives() {
        for (Reference reference : new Reference[] {
            Reference.perChannel(shape, -1), Reference.perChannel(shape, 0), Reference.over(shape, 1, 0)
        }) {
            double[] weights = Samples.gaussian(
                    4, reference.standardize(x, null, null, EPS).y().values().length);
            Reference.Standardized forward = reference.standardize(x, null, null, EPS);
            Reference.Gradients gradients = reference.standardizeBackward(
                    x, weights, null, forward.mean().values(), forward.invStd().values());
            INDArray at = Doubles.toArray(DataType.DOUBLE, shape, x);
            double[] numerical = Differences.gradient(
                    point -> dot(
                            weights,
                            reference
                                    .standardize(Doubles.of(point), null, null, EPS)
                                    .y()),
                    at);
            assertArrayEquals(gradients.dx().values(), numerical, 1e-8);
            assertArrayEquals(x, Doubles.of(at), "set back");
        }
    }

    @Test
    void meanAndVarianceOfWorkedNumbers() {
        Reference.Standardized result =
                Reference.over(new long[] {2, 3}, 1).standardize(new double[] {1, 2, 6, 5, 5, 5}, null, null, 1);
        assertArrayEquals(new double[] {3, 5}, result.mean().values());
        assertArrayEquals(new double[] {14 / 3.0, 0}, result.variance().values(), 1e-15);
        assertArrayEquals(
                new double[] {1 / Math.sqrt(17 / 3.0), 1}, result.invStd().values(), 1e-15);
        assertEquals(-2 / Math.sqrt(17 / 3.0), result.y().values()[0], 1e-15);
        assertEquals(0, result.y().values()[3]);
    }

    @Test
    void offsetsCostTheReferenceNoDigits() {
        double[] far = {1e12 + 1, 1e12 + 2, 1e12 + 6};
        double[] near = {1, 2, 6};
        Reference reference = Reference.over(new long[] {3}, 0);
        assertArrayEquals(
                reference.standardize(near, null, null, EPS).y().values(),
                reference.standardize(far, null, null, EPS).y().values(),
                1e-15);
    }

    @Test
    void jacobianOfASquare() {
        INDArray at = Doubles.toArray(DataType.DOUBLE, new long[] {2}, 3, -2);
        double[][] jacobian = Differences.jacobian(point -> point.mul(point), at);
        assertArrayEquals(new double[] {6, 0}, jacobian[0], 1e-8);
        assertArrayEquals(new double[] {0, -4}, jacobian[1], 1e-8);
        INDArray weights = Doubles.toArray(DataType.DOUBLE, new long[] {2}, 10, 1);
        assertArrayEquals(new double[] {60, -4}, Differences.gradient(point -> point.mul(point), weights, at), 1e-7);
    }

    @Test
    void differencesRefuseFloat() {
        INDArray at = Doubles.toArray(DataType.FLOAT, new long[] {1}, 1);
        assertThrows(IllegalArgumentException.class, () -> Differences.jacobian(point -> point, at));
    }

    @Test
    void tolerancesSeeASmallError() {
        Expected one = new Expected(new double[] {1}, new double[] {1}, 1);
        for (DataType type : Samples.TYPES) {
            double wrong = 1 + 80 * Tolerances.unitRoundoff(type);
            assertThrows(
                    AssertionError.class,
                    () -> Tolerances.assertClose("y", one, Doubles.toArray(type, new long[] {1}, wrong)),
                    type.toString());
            Tolerances.assertClose("y", one, Doubles.toArray(type, new long[] {1}, 1));
        }
        assertThrows(
                AssertionError.class,
                () -> Tolerances.assertClose("y", one, Doubles.toArray(DataType.FLOAT, new long[] {1}, Double.NaN)));
    }

    private static double dot(double[] weights, Expected values) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * values.values()[i];
        }
        return sum;
    }

    private static double[][] rows(double[] flat) {
        double[][] rows = new double[N][];
        for (int i = 0; i < N; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * D, (i + 1) * D);
        }
        return rows;
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }
}
