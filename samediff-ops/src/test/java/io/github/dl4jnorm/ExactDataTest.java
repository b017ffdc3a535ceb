package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Expected;
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
            cases.add(new Case(type, Layout.C, 2, 4096));
            cases.add(new Case(type, Layout.CHANNEL_MAJOR, 8, 4, 16, 16));
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void batchNorm(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            INDArray x = c.x(Reference.of(NormSpec.batchNorm(EPS, axis), c.shape));
            INDArray gamma = c.parameter((int) c.shape[axis], 1);
            INDArray beta = c.parameter((int) c.shape[axis], 2);
            assertExact(norm.batchNorm(x, gamma, beta, EPS, axis), c.dy());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void batchNormInference(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            int channels = (int) c.shape[axis];
            NormSpec spec = NormSpec.batchNormInference(EPS, axis);
            INDArray x = c.x(Reference.of(spec, c.shape));
            INDArray dy = c.dy();
            INDArray gamma = c.parameter(channels, 1);
            INDArray beta = c.parameter(channels, 2);
            INDArray mean = c.parameter(channels, 3);
            INDArray variance = Doubles.toArray(c.type, new long[] {channels}, Doubles.filled(1, channels));

            Reference reference = Reference.given(spec, c.shape, Doubles.of(mean), Doubles.of(variance));
            Reference.Forward forward = reference.forward(Doubles.of(x), Doubles.of(gamma), Doubles.of(beta));
            Reference.Gradients expected =
                    reference.backward(Doubles.of(x), Doubles.of(dy), Doubles.of(gamma), Doubles.of(beta));
            Reference.GivenGradients ofGiven =
                    reference.ofGiven(Doubles.of(x), Doubles.of(dy), Doubles.of(gamma), Doubles.of(beta));
            Normalized normalized = norm.batchNormInference(x, mean, variance, gamma, beta, EPS, axis);
            NormGradients actual = normalized.backward(dy);
            assertSame("y", forward.y(), normalized.y());
            assertSame("dx", expected.dx(), actual.dx());
            assertSame("dGamma", expected.dGamma(), actual.dGamma());
            assertSame("dBeta", expected.dBeta(), actual.dBeta());
            assertSame("dMean", ofGiven.dMean(), actual.dMean());
            assertSame("dVariance", ofGiven.dVariance(), actual.dVariance());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void layerNorm(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            INDArray x = c.x(Reference.of(NormSpec.layerNorm(EPS, axis), c.shape));
            INDArray gamma = c.parameter((int) c.shape[axis], 1);
            INDArray beta = c.parameter((int) c.shape[axis], 2);
            assertExact(norm.layerNorm(x, gamma, beta, EPS, axis), c.dy());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void groupNormAndInstanceNorm(Case c) {
        for (int axis = 1; axis < c.shape.length; axis++) {
            int channels = (int) c.shape[axis];
            INDArray gamma = c.parameter(channels, 1);
            INDArray beta = c.parameter(channels, 2);
            // A group of two channels has both signs, also where there is no other axis.
            INDArray x = c.x(Reference.of(NormSpec.groupNorm(channels / 2, EPS, axis), c.shape));
            assertExact(norm.groupNorm(x, channels / 2, gamma, beta, EPS, axis), c.dy());
            if (c.shape.length > 2) {
                INDArray perChannel = c.x(Reference.of(NormSpec.instanceNorm(EPS, axis), c.shape));
                assertExact(norm.instanceNorm(perChannel, gamma, beta, EPS, axis), c.dy());
            }
        }
    }

    /** x = ±1, so that Σx²/M = 1. */
    @ParameterizedTest
    @MethodSource("cases")
    void rmsNorm(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            INDArray gamma = c.parameter((int) c.shape[axis], 1);
            assertExact(norm.rmsNorm(c.array(c::sign), gamma, EPS, axis), c.dy());
            NormSpec offset = NormSpec.rmsNorm(EPS, axis).withUnitOffset(true);
            assertExact(norm.normalize(offset, c.array(c::sign), gamma, null), c.dy());
        }
    }

    /** x of ones and threes: sums of 2M, a power of two. */
    @ParameterizedTest
    @MethodSource("cases")
    void sumNorm(Case c) {
        for (int axis = 0; axis < c.shape.length; axis++) {
            assertExact(norm.sumNorm(c.array(i -> 2 + c.sign(i)), 0, axis), c.dy());
        }
    }

    private static void assertExact(Normalized actual, INDArray dy) {
        INDArray x = actual.x();
        double[] gamma = Doubles.orNull(actual.gamma());
        double[] beta = Doubles.orNull(actual.beta());
        Reference reference = Reference.of(actual.spec(), x.shape());
        Reference.Forward forward = reference.forward(Doubles.of(x), gamma, beta);
        assertSame("y", forward.y(), actual.y());
        if (actual.mean() != null) {
            assertSame("mean", forward.center(), actual.mean());
        }
        assertSame("measure", forward.measure(), actual.measure());
        assertSame("scale", forward.scale(), actual.scale());
        Reference.Gradients expected = reference.backward(Doubles.of(x), Doubles.of(dy), gamma, beta);
        NormGradients gradients = actual.backward(dy);
        assertSame("dx", rounded(expected.dx().values(), x.dataType()), gradients.dx());
        if (gamma != null) {
            assertSame("dGamma", expected.dGamma(), gradients.dGamma());
        }
        if (beta != null) {
            assertSame("dBeta", expected.dBeta(), gradients.dBeta());
        }
    }

    /** dx has more digits than a half type, none of which float loses: it is rounded once. */
    private static double[] rounded(double[] values, DataType type) {
        return Doubles.of(Doubles.toArray(DataType.FLOAT, new long[] {values.length}, values)
                .castTo(type));
    }

    private static void assertSame(String what, Expected expected, INDArray actual) {
        assertSame(what, expected.values(), actual);
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
