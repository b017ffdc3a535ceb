package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Engines;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Numbers in float and half types that lie far from zero or cancel, on both engines. A mean of 1000.3 rounded to float
 * is off by up to 3·10⁻⁵, which is much where the standard deviation is 0.007: Σdy·x̂ of 4096 elements then errs by 17.
 */
class NumbersTest {
    private static final double EPS = 1e-5;

    private final NDNorm norm = new NDNorm();

    /** Values by their position in a group. */
    private enum Data {
        NEAR_1000(4096, i -> (float) (1000.3 + 0.01 * Math.sin(i))),
        AT_A_MILLION(64, i -> 1e6 + Math.rint(16 * Math.sin(i + 1)) / 16);

        private final int m;
        private final IntToDoubleFunction value;

        Data(int m, IntToDoubleFunction value) {
            this.m = m;
            this.value = value;
        }
    }

    /** Gradients of the output by the position in a group. */
    private enum Gradient {
        ONE(i -> 1),
        OSCILLATING(i -> (float) (1 + Math.cos(2 * i))),
        HALF_AND_COSINE(i -> (float) (0.5 + Math.cos(i)));

        private final IntToDoubleFunction value;

        Gradient(IntToDoubleFunction value) {
            this.value = value;
        }
    }

    /** A normalization of an array whose elements have, by their position, a place in the data. */
    record Case(
            String engine,
            Data data,
            Gradient gradient,
            NormSpec spec,
            boolean constantGamma,
            int along,
            long... shape) {
        double[] values(IntToDoubleFunction value) {
            long inner = 1;
            for (int axis = along + 1; axis < shape.length; axis++) {
                inner *= shape[axis];
            }
            long step = inner;
            return IntStream.range(0, Doubles.length(shape))
                    .mapToDouble(i -> value.applyAsDouble((int) (i / step % data.m)))
                    .toArray();
        }

        double[] x() {
            return values(data.value);
        }

        double[] dy() {
            return values(gradient.value);
        }

        double[] gamma() {
            return IntStream.range(0, Reference.of(spec, shape).parameters())
                    .mapToDouble(i -> constantGamma ? 1 : 1 + i % 4 / 4.0)
                    .toArray();
        }

        /** A bias of a quarter in front of an activation, so that no element is near its kink. */
        double[] beta() {
            double bias = spec.activation() == FusedActivation.IDENTITY ? 0 : 0.25;
            return Doubles.filled(bias, Reference.of(spec, shape).parameters());
        }

        @Override
        public String toString() {
            return engine + " " + data + " " + gradient + " " + spec.axes() + " " + spec.activation() + " "
                    + Arrays.toString(shape);
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String engine : Engines.NAMES) {
            for (Data data : Data.values()) {
                for (Gradient gradient : Gradient.values()) {
                    for (FusedActivation a : FusedActivation.values()) {
                        int m = data.m;
                        NormSpec batch = NormSpec.batchNorm(EPS, 1).with(a);
                        cases.add(new Case(engine, data, gradient, batch, true, 0, m, 1));
                        cases.add(new Case(engine, data, gradient, batch, true, 0, m, 4));
                        NormSpec rows = NormSpec.layerNorm(EPS, 1).with(a);
                        cases.add(new Case(engine, data, gradient, rows, false, 1, 3, m));
                        NormSpec columns = NormSpec.layerNorm(EPS, 0).with(a);
                        cases.add(new Case(engine, data, gradient, columns, false, 0, m, 3));
                        NormSpec group = NormSpec.groupNorm(2, EPS, 1).with(a);
                        cases.add(new Case(engine, data, gradient, group, true, 2, 2, 4, m));
                        cases.add(new Case(engine, data, gradient, group, false, 2, 2, 4, m));
                        NormSpec instance = NormSpec.instanceNorm(EPS, 1).with(a);
                        cases.add(new Case(engine, data, gradient, instance, true, 2, 2, 4, m));
                        NormSpec channelsLast = NormSpec.instanceNorm(EPS, 2).with(a);
                        cases.add(new Case(engine, data, gradient, channelsLast, true, 1, 2, m, 4));
                    }
                }
            }
        }
        return cases;
    }

    static List<Case> constantGradients() {
        return cases().stream()
                .filter(c -> c.gradient == Gradient.ONE && c.constantGamma)
                .filter(c -> c.spec.activation() == FusedActivation.IDENTITY)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreThoseOfDouble(Case c) {
        double[] x = c.x();
        double[] dy = c.dy();
        Reference reference = Reference.of(c.spec, c.shape);
        Reference.Gradients expected = reference.backward(x, dy, c.gamma(), c.beta());
        Engines.with(c.engine, () -> {
            Normalized forward = norm.normalize(c.spec, floats(x, c.shape), floats(c.gamma()), floats(c.beta()));
            NormGradients actual = forward.backward(floats(dy, c.shape));
            assertNear("y", reference.forward(x, c.gamma(), c.beta()).y(), Doubles.of(forward.y()));
            assertNear("dx", expected.dx(), Doubles.of(actual.dx()));
            assertNear("dGamma", expected.dGamma(), Doubles.of(actual.dGamma()));
            // A plain sum, which owes nothing to a mean; ND4J's of numbers of one sign are no better than they must be.
            Tolerances.assertClose("dBeta", expected.dBeta(), actual.dBeta());
            assertAddUpToZero(reference, expected.dx(), Doubles.of(actual.dx()));
        });
    }

    /** The same numbers in the same groups, wherever they lie: strides choose the loops, not the axes. */
    @ParameterizedTest
    @MethodSource("oscillatingCases")
    void gradientsAreThoseOfDoubleInEveryOrder(Case c) {
        Reference.Gradients expected = Reference.backward(c.spec, c.shape, c.x(), c.dy(), c.gamma(), c.beta());
        for (Layout layout : List.of(Layout.F, Layout.CHANNEL_MAJOR, Layout.STRIDED)) {
            INDArray x = layout.create(DataType.FLOAT, c.shape, c.x());
            INDArray dy = layout.create(DataType.FLOAT, c.shape, c.dy());
            Engines.with(c.engine, () -> {
                NormGradients actual = norm.normalize(c.spec, x, floats(c.gamma()), floats(c.beta()))
                        .backward(dy);
                assertNear(layout + " dx", expected.dx(), Doubles.of(actual.dx()));
                assertNear(layout + " dGamma", expected.dGamma(), Doubles.of(actual.dGamma()));
            });
        }
    }

    static List<Case> oscillatingCases() {
        return cases().stream()
                .filter(c -> c.gradient != Gradient.ONE)
                .filter(c -> (c.gradient == Gradient.OSCILLATING) == (c.data == Data.NEAR_1000))
                .toList();
    }

    /** One NaN or infinity in x or dy goes where it goes in double, by rows and by columns. */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void specialValuesPropagateAsInDouble(String engine) {
        long[] shape = {7, 5};
        for (double special : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            for (Statistic statistic : Statistic.values()) {
                if (statistic.isGiven()) {
                    continue;
                }
                for (int axis = 0; axis < 2; axis++) {
                    NormSpec spec = new NormSpec(statistic, NormAxes.over(axis), EPS);
                    double[] x = Samples.mostlyPositive(1, 35);
                    double[] dy = Samples.gaussian(2, 35);
                    double[] spoiltX = x.clone();
                    spoiltX[17] = special;
                    assertAsInDouble(engine, spec, spoiltX, dy, shape);
                    double[] spoiltDy = dy.clone();
                    spoiltDy[17] = special;
                    assertAsInDouble(engine, spec, x, spoiltDy, shape);
                }
            }
        }
    }

    private void assertAsInDouble(String engine, NormSpec spec, double[] x, double[] dy, long... shape) {
        // The oracle gets what the engine gets.
        INDArray floatX = floats(x, shape);
        INDArray floatDy = floats(dy, shape);
        Reference reference = Reference.of(spec, shape);
        Reference.Gradients expected = reference.backward(Doubles.of(floatX), Doubles.of(floatDy), null, null);
        Expected y = reference.forward(Doubles.of(floatX), null, null).y();
        String what = " of " + spec + " by " + engine;
        Engines.with(engine, () -> {
            Normalized forward = norm.normalize(spec, floatX, null, null);
            assertUnsigned("y" + what, y, Doubles.of(forward.y()));
            assertUnsigned(
                    "dx" + what,
                    expected.dx(),
                    Doubles.of(forward.backward(floatDy).dx()));
        });
    }

    /** As {@link Tolerances#assertClose}, where −0 is 0. */
    private static void assertUnsigned(String what, Expected expected, double... actual) {
        double[] values = Arrays.stream(expected.values()).map(v -> v + 0.0).toArray();
        double[] unsigned = Arrays.stream(actual).map(v -> v + 0.0).toArray();
        Tolerances.assertClose(
                what, new Expected(values, expected.magnitudes(), expected.length()), unsigned, DataType.FLOAT);
    }

    /** A gradient of ones along all of a group moves nothing: x̂ always adds up to zero. */
    @ParameterizedTest
    @MethodSource("constantGradients")
    void aConstantGradientVanishes(Case c) {
        Reference.Gradients expected = Reference.backward(c.spec, c.shape, c.x(), c.dy(), c.gamma(), c.beta());
        Engines.with(c.engine, () -> {
            NormGradients actual = norm.normalize(c.spec, floats(c.x(), c.shape), floats(c.gamma()), floats(c.beta()))
                    .backward(floats(c.dy(), c.shape));
            assertNear("dx", zeros(expected.dx()), Doubles.of(actual.dx()));
            boolean groupHasOneParameter = c.spec.axes().groups() == 0;
            if (groupHasOneParameter) {
                assertNear("dGamma", zeros(expected.dGamma()), Doubles.of(actual.dGamma()));
            }
        });
    }

    /** The numbers themselves, which no oracle of ours computes. */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void gradientsOfGamma(String engine) {
        for (int columns : new int[] {1, 4}) {
            assertDGamma(engine, Data.NEAR_1000, Gradient.ONE, columns, 0, 0.005);
            assertDGamma(engine, Data.NEAR_1000, Gradient.OSCILLATING, columns, -0.0921, 0.005);
            assertDGamma(engine, Data.AT_A_MILLION, Gradient.HALF_AND_COSINE, columns, 38.84, 0.005);
        }
    }

    static final List<String> ENGINES = Engines.NAMES;

    private void assertDGamma(
            String engine, Data data, Gradient gradient, int columns, double expected, double tolerance) {
        Case c = new Case(engine, data, gradient, NormSpec.batchNorm(EPS, 1), true, 0, data.m, columns);
        Engines.with(engine, () -> {
            INDArray dGamma = norm.batchNorm(floats(c.x(), c.shape), floats(c.gamma()), null, EPS, 1)
                    .backward(floats(c.dy(), c.shape))
                    .dGamma();
            for (double value : Doubles.of(dGamma)) {
                assertEquals(expected, value, tolerance, c.toString());
            }
        });
    }

    /** Partial sums of 10⁸ in float would swallow the 1, which is all that there is. */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void aSumOfNumbersThatCancel(String engine) {
        double[] row = new double[128];
        row[0] = 1e8;
        row[1] = -1e8;
        row[64] = 1;
        double[] dy = new double[128];
        dy[64] = 1;
        // y_i = x_i/1 and dx_j = dy_j − Σdy·y = δ_j64 − 1.
        double[] dx = Doubles.filled(-1, 128);
        dx[64] = 0;
        Engines.with(engine, () -> {
            for (int axis = 0; axis < 2; axis++) {
                Normalized forward = norm.sumNorm(copies(row, axis), 0, axis);
                assertArrayEquals(new double[] {1, 1, 1}, Doubles.of(forward.measure()));
                assertArrayEquals(Doubles.of(copies(row, axis)), Doubles.of(forward.y()));
                assertArrayEquals(
                        Doubles.of(copies(dx, axis)),
                        Doubles.of(forward.backward(copies(dy, axis)).dx()));
            }
        });
    }

    @ParameterizedTest
    @FieldSource("ENGINES")
    void aSumThatIsZeroIsAnError(String engine) {
        double[] row = new double[128];
        row[0] = 1e8;
        row[1] = -1e8;
        Engines.with(engine, () -> {
            for (int axis = 0; axis < 2; axis++) {
                INDArray x = copies(row, axis);
                // The first and the last sum are 1.
                x.putScalar(axis == 1 ? new long[] {0, 64} : new long[] {64, 0}, 1);
                x.putScalar(axis == 1 ? new long[] {2, 64} : new long[] {64, 2}, 1);
                int over = axis;
                String message = assertThrows(ArithmeticException.class, () -> norm.sumNorm(x, 0, over))
                        .getMessage();
                assertTrue(
                        message.startsWith("sumNorm: the sum over axes [" + axis + "] is zero at index [1] of axes ["
                                + (1 - axis) + "]"),
                        message);
                assertEquals(0, norm.sumNorm(x, 1, axis).measure().getDouble(1), "ε is no part of it");
            }
        });
    }

    /** As if they had come in float in the first place. */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void statisticsInAHalfTypeAreWidened(String engine) {
        for (DataType type : List.of(DataType.FLOAT16, DataType.BFLOAT16)) {
            INDArray x = Doubles.toArray(type, new long[] {5, 3}, Samples.mostlyPositive(1, 15));
            INDArray dy = Doubles.toArray(type, new long[] {5, 3}, Samples.gaussian(2, 15));
            INDArray gamma = Doubles.toArray(type, new long[] {3}, 1, -2, 3);
            INDArray mean = Doubles.toArray(type, new long[] {3}, 0.1, 0.2, 0.3);
            INDArray variance = Doubles.toArray(type, new long[] {3}, 1.1, 2.2, 0.3);
            Engines.with(engine, () -> {
                Normalized given = norm.batchNormInference(x, mean, variance, gamma, null, 0, 1);
                Normalized wide = norm.batchNormInference(
                        x, mean.castTo(DataType.FLOAT), variance.castTo(DataType.FLOAT), gamma, null, 0, 1);
                assertArrayEquals(Doubles.of(wide.y()), Doubles.of(given.y()));
                assertSame(wide.backward(dy), given.backward(dy));
            });
        }
    }

    @Test
    void theEngineIsSetBack() {
        String before = System.getProperty("dl4jnorm.engine");
        assertThrows(IllegalStateException.class, () -> Engines.with("none", () -> norm.sumNorm(floats(1), 0, 0)));
        assertEquals(before, System.getProperty("dl4jnorm.engine"));
    }

    /** Within the bound of short sums: an engine adds up a long group as partial sums of few elements. */
    private static void assertNear(String what, Expected expected, double... actual) {
        Tolerances.assertClose(what, new Expected(expected.values(), expected.magnitudes(), 1), actual, DataType.FLOAT);
    }

    private static void assertAddUpToZero(Reference reference, Expected expected, double... dx) {
        double[] sums = new double[dx.length / reference.groupSize()];
        double[] bounds = new double[sums.length];
        for (int i = 0; i < dx.length; i++) {
            int k = reference.groupOf(i);
            sums[k] += dx[i];
            bounds[k] += Tolerances.bound(DataType.FLOAT, 1, expected.values()[i], expected.magnitudes()[i]);
        }
        for (int k = 0; k < sums.length; k++) {
            assertEquals(0, sums[k], bounds[k], "Σdx of group " + k);
        }
    }

    private static void assertSame(NormGradients expected, NormGradients actual) {
        assertArrayEquals(Doubles.of(expected.dx()), Doubles.of(actual.dx()));
        assertArrayEquals(Doubles.of(expected.dGamma()), Doubles.of(actual.dGamma()));
    }

    private static Expected zeros(Expected expected) {
        return new Expected(new double[expected.values().length], expected.magnitudes(), expected.length());
    }

    private static INDArray floats(double... values) {
        return floats(values, values.length);
    }

    private static INDArray floats(double[] values, long... shape) {
        return Doubles.toArray(DataType.FLOAT, shape, values);
    }

    /** Three rows of the same values, or three columns if they lie along axis 0. */
    private static INDArray copies(double[] values, int axis) {
        INDArray rows = floats(
                IntStream.range(0, 3 * values.length)
                        .mapToDouble(i -> values[i % values.length])
                        .toArray(),
                3,
                values.length);
        return axis == 1 ? rows : rows.transpose().dup('c');
    }
}
