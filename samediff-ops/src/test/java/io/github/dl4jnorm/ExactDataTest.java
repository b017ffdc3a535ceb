package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Data whose sums, means and variances are exact in every type and in any order of summation: nothing may differ from
 * the formulas by a single bit, whatever the layout, the length of the chunks or the number of threads.
 *
 * <p>x = μ ± 1 in equal parts has σ² = 1, with ε = 3 then r = ½. All sizes are powers of two, all gradients small
 * integers.
 */
class ExactDataTest {
    private static final double EPS = 3;

    private final NDNorm norm = new NDNorm();

    record Case(DataType type, Layout layout, long... shape) {
        INDArray array(IntUnaryOperator value) {
            double[] values = IntStream.range(0, Doubles.length(shape))
                    .mapToDouble(value::applyAsInt)
                    .toArray();
            return layout.create(type, shape, values);
        }

        /** μ ± 1, where the sign changes along every axis and μ along the axes that are not reduced. */
        INDArray x(Reference reference) {
            return array(i -> reference.groupOf(i) % 5 - 2 + sign(i));
        }

        /** Half of +1 and half of −1 along every axis. */
        private int sign(int element) {
            int sum = 0;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                sum += element % (int) shape[axis];
                element /= (int) shape[axis];
            }
            return sum % 2 == 0 ? 1 : -1;
        }

        INDArray dy() {
            return array(i -> (i * 7 + i / 3) % 5 - 2);
        }

        INDArray parameter(int length, int salt) {
            double[] values = IntStream.range(0, length)
                    .mapToDouble(i -> (i * 3 + salt) % 4 - 1)
                    .toArray();
            return Doubles.toArray(type, new long[] {length}, values);
        }

        @Override
        public String toString() {
            return type + " " + layout + " " + Arrays.toString(shape);
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (DataType type : Samples.TYPES) {
            for (Layout layout : Layout.values()) {
                cases.add(new Case(type, layout, 8, 4));
                cases.add(new Case(type, layout, 2, 4, 8));
                cases.add(new Case(type, layout, 2, 4, 4, 2));
                cases.add(new Case(type, layout, 2, 2, 4, 2, 2));
            }
        }
        for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT)) {
            cases.add(new Case(type, Layout.C, 4096, 4));
            cases.add(new Case(type, Layout.F, 4096, 4));
            cases.add(new Case(type, Layout.C, 2, 8192));
            cases.add(new Case(type, Layout.CHANNEL_MAJOR, 8, 4, 32, 32));
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void batchNorm(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            Reference reference = Reference.perChannel(c.shape, axis);
            INDArray x = c.x(reference);
            INDArray gamma = c.parameter((int) c.shape[axis], 1);
            INDArray beta = c.parameter((int) c.shape[axis], 2);
            NDNorm.Standardized forward = norm.batchNorm(x, gamma, beta, EPS, axis);
            assertForward(reference, x, gamma, beta, forward);
            assertBackward(
                    reference, x, c.dy(), gamma, norm.batchNormBackward(x, c.dy(), gamma, forward.stats(), axis));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void batchNormInference(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            int channels = (int) c.shape[axis];
            Reference reference = Reference.perChannel(c.shape, axis);
            INDArray x = c.x(reference);
            INDArray dy = c.dy();
            INDArray gamma = c.parameter(channels, 1);
            INDArray beta = c.parameter(channels, 2);
            INDArray mean = c.parameter(channels, 3);
            INDArray variance = Doubles.toArray(c.type, new long[] {channels}, Doubles.filled(1, channels));

            double[] y = reference
                    .applyStats(
                            Doubles.of(x),
                            Doubles.of(mean),
                            Doubles.of(variance),
                            Doubles.of(gamma),
                            Doubles.of(beta),
                            EPS)
                    .values();
            Reference.GivenGradients expected = reference.applyStatsBackward(
                    Doubles.of(x), Doubles.of(dy), Doubles.of(mean), Doubles.of(variance), Doubles.of(gamma), EPS);
            NDNorm.InferenceGradients actual = norm.batchNormInferenceBackward(x, dy, mean, variance, gamma, EPS, axis);
            assertSame("y", y, norm.batchNormInference(x, mean, variance, gamma, beta, EPS, axis));
            assertSame("dx", expected.dx().values(), actual.dx());
            assertSame("dGamma", expected.dGamma().values(), actual.dGamma());
            assertSame("dBeta", expected.dBeta().values(), actual.dBeta());
            assertSame("dMean", expected.dMean().values(), actual.dMean());
            assertSame("dVariance", expected.dVariance().values(), actual.dVariance());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void layerNorm(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            Reference reference = Reference.over(c.shape, axis);
            INDArray x = c.x(reference);
            INDArray gain = c.parameter((int) c.shape[axis], 1);
            INDArray bias = c.parameter((int) c.shape[axis], 2);
            NDNorm.Standardized forward = norm.layerNorm(x, gain, bias, EPS, axis);
            assertForward(reference, x, gain, bias, forward);
            assertBackward(reference, x, c.dy(), gain, norm.layerNormBackward(x, c.dy(), gain, forward.stats(), axis));
        }
    }

    /** x of ones and threes: sums of 2M, a power of two. */
    @ParameterizedTest
    @MethodSource("cases")
    void sumNorm(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            INDArray x = c.array(i -> 2 + c.sign(i));
            INDArray dy = c.dy();
            Reference reference = Reference.over(c.shape, axis);
            Reference.SumNormalized expected = reference.divideBySum(Doubles.of(x), 0);
            NDNorm.SumNormalized forward = norm.sumNorm(x, 0, axis);
            assertSame("sum", expected.sum().values(), forward.sum());
            assertSame("y", expected.y().values(), forward.y());
            double[] dx = reference
                    .divideBySumBackward(
                            Doubles.of(x), Doubles.of(dy), expected.sum().values())
                    .values();
            assertSame("dx", rounded(dx, c.type), norm.sumNormBackward(x, dy, forward.sum(), axis));
        }
    }

    private static void assertForward(
            Reference reference, INDArray x, INDArray gamma, INDArray beta, NDNorm.Standardized actual) {
        Reference.Standardized expected =
                reference.standardize(Doubles.of(x), Doubles.of(gamma), Doubles.of(beta), EPS);
        assertSame("y", expected.y().values(), actual.y());
        assertSame("mean", expected.mean().values(), actual.mean());
        assertSame("variance", expected.variance().values(), actual.variance());
        assertSame("invStd", expected.invStd().values(), actual.invStd());
    }

    private static void assertBackward(
            Reference reference, INDArray x, INDArray dy, INDArray gamma, NDNorm.Gradients actual) {
        Reference.Standardized forward = reference.standardize(Doubles.of(x), null, null, EPS);
        Reference.Gradients expected = reference.standardizeBackward(
                Doubles.of(x),
                Doubles.of(dy),
                Doubles.of(gamma),
                forward.mean().values(),
                forward.invStd().values());
        assertSame("dx", rounded(expected.dx().values(), x.dataType()), actual.dx());
        assertSame("dGamma", expected.dGamma().values(), actual.dGamma());
        assertSame("dBeta", expected.dBeta().values(), actual.dBeta());
    }

    /** dx has more digits than a half type, none of which float loses: it is rounded once. */
    private static double[] rounded(double[] values, DataType type) {
        return Doubles.of(Doubles.toArray(DataType.FLOAT, new long[] {values.length}, values)
                .castTo(type));
    }

    private static void assertSame(String what, double[] expected, INDArray actual) {
        double[] values = Doubles.of(actual);
        for (int i = 0; i < values.length; i++) {
            // No negative zero: it is the same number.
            expected[i] += 0.0;
            values[i] += 0.0;
        }
        assertArrayEquals(expected, values, what);
    }
}
