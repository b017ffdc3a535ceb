package io.github.dl4jnorm.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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

    /** Rounded to HALF, −170,000 is −∞, and 65,000 is not ∞. */
    @Test
    void infinityStandsForWhatIsBeyondTheType() {
        Expected beyond = new Expected(new double[] {-1.7e5}, new double[] {1.7e5}, 2);
        Tolerances.assertClose("x", beyond, new double[] {Double.NEGATIVE_INFINITY}, DataType.FLOAT16);
        assertThrows(
                AssertionError.class,
                () -> Tolerances.assertClose("x", beyond, new double[] {Double.POSITIVE_INFINITY}, DataType.FLOAT16));
        assertThrows(
                AssertionError.class,
                () -> Tolerances.assertClose("x", beyond, new double[] {Double.NEGATIVE_INFINITY}, DataType.FLOAT));
        Expected within = new Expected(new double[] {6.5e4}, new double[] {6.5e4}, 2);
        assertThrows(
                AssertionError.class,
                () -> Tolerances.assertClose("x", within, new double[] {Double.POSITIVE_INFINITY}, DataType.FLOAT16));
    }

    @Test
    void threeWaysToBatchNormsGradientAgree() {
        Reference.Gradients formula = Reference.backward(NormSpec.batchNorm(EPS, 1), shape, x, dy, gamma, null);
        BatchNormPaths paths = new BatchNormPaths(rows(x), rows(dy), gamma, EPS);
        for (BatchNormPaths.Gradients other : Arrays.asList(paths.nineSteps(), paths.threePaths())) {
            assertArrayEquals(formula.dx().values(), flat(other.dx()), 1e-13);
            assertArrayEquals(formula.dGamma().values(), other.dGamma(), 1e-13);
            assertArrayEquals(formula.dBeta().values(), other.dBeta(), 1e-13);
        }
    }

    /** Every statistic and kind of axes, with and without unit offset and activation. */
    static Stream<NormSpec> specs() {
        return Stream.of(
                        NormSpec.batchNorm(EPS, -1),
                        NormSpec.batchNorm(EPS, 0),
                        NormSpec.layerNorm(EPS, 1, 0),
                        NormSpec.layerNorm(EPS, 1),
                        NormSpec.instanceNorm(EPS, 1),
                        NormSpec.instanceNorm(EPS, -1),
                        NormSpec.groupNorm(2, EPS, 1),
                        NormSpec.rmsNorm(EPS, 1, 2),
                        NormSpec.sumNorm(EPS, 2),
                        NormSpec.unitNorm(EPS, 0, 2),
                        // Above the sum of squares of all groups, and between them.
                        NormSpec.unitNorm(1000, 0, 2),
                        NormSpec.unitNorm(15, 0, 2),
                        NormSpec.batchNormInference(EPS, 1))
                .flatMap(spec -> Stream.of(
                        spec,
                        spec.withUnitOffset(true),
                        spec.with(FusedActivation.RELU).withUnitOffset(true)));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void referenceGradientsAreDerivatives(NormSpec spec) {
        long[] cube = {3, 4, 2};
        double[] in = Samples.mostlyPositive(5, 24);
        double[] weights = Samples.gaussian(4, 24);
        int channels = Doubles.length(spec.on("test", cube).parameterShape());
        double[] scale = Samples.gaussian(6, channels);
        double[] shift = Samples.gaussian(7, channels);
        double[] mean = Samples.gaussian(8, 4);
        double[] variance = {1, 2, 0.5, 3};
        boolean given = spec.statistic() == Statistic.GIVEN;
        Reference reference = given ? Reference.given(spec, cube, mean, variance) : Reference.of(spec, cube);
        Reference.Gradients gradients = reference.backward(in, weights, scale, shift);
        assertDerivative(gradients.dx(), cube, in, weights, at -> reference.forward(at, scale, shift));
        assertDerivative(
                gradients.dGamma(), new long[] {channels}, scale, weights, at -> reference.forward(in, at, shift));
        assertDerivative(
                gradients.dBeta(), new long[] {channels}, shift, weights, at -> reference.forward(in, scale, at));
        if (given) {
            Reference.GivenGradients ofGiven = reference.ofGiven(in, weights, scale, shift);
            long[] four = {4};
            assertDerivative(ofGiven.dMean(), four, mean, weights, at -> Reference.given(spec, cube, at, variance)
                    .forward(in, scale, shift));
            assertDerivative(ofGiven.dVariance(), four, variance, weights, at -> Reference.given(spec, cube, mean, at)
                    .forward(in, scale, shift));
        }
    }

    private static void assertDerivative(
            Expected gradient, long[] shape, double[] at, double[] weights, Function<double[], Reference.Forward> f) {
        INDArray array = Doubles.toArray(DataType.DOUBLE, shape, at);
        double[] numerical = Differences.gradient(
                point -> dot(weights, f.apply(Doubles.of(point)).y()), array);
        assertArrayEquals(gradient.values(), numerical, 1e-8);
        assertArrayEquals(at, Doubles.of(array), "set back");
    }

    @Test
    void meanAndVarianceOfWorkedNumbers() {
        Reference.Forward result = Reference.forward(
                NormSpec.layerNorm(1, 1), new long[] {2, 3}, new double[] {1, 2, 6, 5, 5, 5}, null, null);
        assertArrayEquals(new double[] {3, 5}, result.center().values());
        assertArrayEquals(new double[] {14 / 3.0, 0}, result.measure().values(), 1e-15);
        assertArrayEquals(
                new double[] {1 / Math.sqrt(17 / 3.0), 1}, result.scale().values(), 1e-15);
        assertEquals(-2 / Math.sqrt(17 / 3.0), result.y().values()[0], 1e-15);
        assertEquals(0, result.y().values()[3]);
    }

    /** [3, 4] has Σx = 7, Σx² = 25 and Σx²/M = 12.5. */
    @Test
    void otherStatisticsOfWorkedNumbers() {
        long[] pair = {2};
        double[] in = {3, 4};
        double[] none = null;
        for (double eps : new double[] {11, 25, 36}) {
            Reference.Forward unit = Reference.forward(NormSpec.unitNorm(eps, 0), pair, in, new double[] {0, 1}, none);
            assertArrayEquals(new double[] {25}, unit.measure().values());
            assertArrayEquals(
                    new double[] {0, eps == 36 ? 4 / 6.0 : 4 / 5.0}, unit.y().values(), 1e-15);
        }
        Reference.Forward rms =
                Reference.forward(NormSpec.rmsNorm(3.5, 0).withUnitOffset(true), pair, in, new double[] {0, 1}, none);
        assertArrayEquals(new double[] {12.5}, rms.measure().values());
        assertArrayEquals(new double[] {.75, 2}, rms.y().values(), 1e-15);
        Reference.Forward sum = Reference.forward(
                NormSpec.sumNorm(1, 0).with(FusedActivation.RELU), pair, in, none, new double[] {0, -1});
        assertArrayEquals(new double[] {7}, sum.measure().values());
        assertArrayEquals(new double[] {3 / 8.0, 0}, sum.y().values(), 1e-15);
    }

    @Test
    void groupsOfNeighbouringChannels() {
        Reference reference = Reference.of(NormSpec.groupNorm(2, EPS, -1), 2, 1, 4);
        assertArrayEquals(
                new int[] {0, 0, 1, 1, 2, 2, 3, 3},
                IntStream.range(0, 8).map(reference::groupOf).toArray());
        assertEquals(2, reference.groupSize());
    }

    @Test
    void offsetsCostTheReferenceNoDigits() {
        double[] far = {1e12 + 1, 1e12 + 2, 1e12 + 6};
        double[] near = {1, 2, 6};
        Reference reference = Reference.of(NormSpec.layerNorm(EPS, 0), 3);
        assertArrayEquals(
                reference.forward(near, null, null).y().values(),
                reference.forward(far, null, null).y().values(),
                1e-15);
        assertArrayEquals(
                reference
                        .backward(near, new double[] {1, 0, 2}, null, null)
                        .dx()
                        .values(),
                reference.backward(far, new double[] {1, 0, 2}, null, null).dx().values(),
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
