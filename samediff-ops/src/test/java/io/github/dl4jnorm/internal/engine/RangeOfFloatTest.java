package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * FLOAT arrays whose results are floats while something on the way to them is none: a sum, a scale, a difference, a
 * square. By every engine and kernel, with groups along rows and columns, with parameters of every kind and without.
 */
class RangeOfFloatTest {
    /** Values and gradients by the position in a group, and ε. */
    private enum Data {
        /** 1/Σx is no float. */
        TINY_SUM(i -> 1e-40 * (1 + i % 3), i -> 1e-3 * Math.cos(2 * i), 0, Statistic.SUM),
        /** Σx is no float, and 1/Σx has few digits. */
        HUGE_SUM(i -> 3e38, i -> 1e30 * Math.cos(2 * i), 0, Statistic.SUM),
        /** Partial sums of x are no floats. */
        CANCELLING_SUM(i -> (i % 2 == 0 ? 3e38 : -2.9e38), i -> 1e30 * Math.cos(2 * i), 0, Statistic.SUM),
        /** x − μ is no float. */
        FAR_APART(i -> i == 5 ? 3.3e38 : -3.3e38, i -> 1e10 * Math.cos(2 * i), 1e-5, Statistic.MEAN_VARIANCE),
        /** So is μ of a given mean. */
        FAR_FROM_THE_MEAN(i -> 3.3e38 - 1e37 * (i % 3), i -> Math.cos(2 * i), 1e-5, Statistic.GIVEN),
        /** Σ(g·x̂)/M times s, which x − c is multiplied with, is no float. */
        TINY_SLOPE(i -> 1e30 * Math.sin(i), i -> 1e-10 * Math.cos(2 * i), 1e-5, Statistic.MEAN_VARIANCE),
        TINY_SLOPE_OF_ROOTS(i -> 1e30 * Math.sin(i), i -> 1e-10 * Math.cos(2 * i), 1e-5, Statistic.ROOT_MEAN_SQUARE),
        HUGE_ROOT(i -> 3e38 * Math.sin(i), i -> 1e3 * Math.cos(2 * i), 1e-5, Statistic.L2),
        /** So small is the scale that it has few digits. */
        SUBNORMAL_SCALE(i -> 3.4e38 * Math.signum(Math.sin(i)), i -> 1e20 * Math.cos(2 * i), 1e-5, Statistic.L2),
        /** Sums of g are no floats. */
        HUGE_GRADIENT(i -> 1e6 * Math.sin(i), i -> 2e38 * Math.cos(2 * i), 1e-5, Statistic.MEAN_VARIANCE),
        HUGE_GRADIENT_OF_SUM(i -> 1e6 * (1.5 + Math.sin(i)), i -> 2e38 * Math.cos(2 * i), 0, Statistic.SUM),
        /** The squares are less than the smallest float. */
        TINY_SQUARES(i -> 1e-25 * Math.sin(i), i -> 1e-20 * Math.cos(2 * i), 1e-60, Statistic.MEAN_VARIANCE),
        TINY_SQUARES_OF_ROOTS(i -> 1e-25 * Math.sin(i), i -> 1e-20 * Math.cos(2 * i), 1e-60, Statistic.L2);

        private final IntToDoubleFunction x;
        private final IntToDoubleFunction dy;
        private final double eps;
        private final Statistic statistic;

        Data(IntToDoubleFunction x, IntToDoubleFunction dy, double eps, Statistic statistic) {
            this.x = x;
            this.dy = dy;
            this.eps = eps;
            this.statistic = statistic;
        }
    }

    /** Which axis the groups lie along, and which elements share a parameter. */
    private record Form(NormAxes axes, int along, long... shape) {
        double[] values(IntToDoubleFunction byPosition) {
            long inner = 1;
            for (int axis = along + 1; axis < shape.length; axis++) {
                inner *= shape[axis];
            }
            long step = inner;
            return IntStream.range(0, Doubles.length(shape))
                    .mapToDouble(i -> (float) byPosition.applyAsDouble((int) (i / step % shape[along])))
                    .toArray();
        }
    }

    private static List<Form> forms(int size) {
        return List.of(
                new Form(NormAxes.over(0), 0, size),
                new Form(NormAxes.over(1), 1, 3, size),
                new Form(NormAxes.over(0), 0, size, 21),
                new Form(NormAxes.perChannel(1), 0, size, 21),
                new Form(NormAxes.perChannel(0), 1, 3, size),
                new Form(NormAxes.perExampleAndGroup(2, 1), 2, 2, 4, size),
                new Form(NormAxes.perExampleAndGroup(2, 2), 1, 2, size, 4));
    }

    /** Made once: each keeps threads and memory. */
    private static final List<NormEngine> ENGINES = Normalization.engines(2);

    @ParameterizedTest
    @EnumSource
    void isAsInDouble(Data data) {
        int combinations = 0;
        for (int size : new int[] {64, 5000}) {
            for (Form form : forms(size)) {
                for (boolean affine : new boolean[] {false, true}) {
                    for (FusedActivation activation : FusedActivation.values()) {
                        for (NormEngine engine : ENGINES) {
                            NormSpec spec = new NormSpec(data.statistic, form.axes, data.eps).with(activation);
                            assertAsInDouble(data, form, affine, spec, engine);
                            combinations++;
                        }
                    }
                }
            }
        }
        assertEquals(2 * 7 * 2 * 2 * ENGINES.size(), combinations);
    }

    private static void assertAsInDouble(Data data, Form form, boolean affine, NormSpec spec, NormEngine engine) {
        INDArray x = floats(form.values(data.x), form.shape);
        INDArray dy = floats(form.values(data.dy), form.shape);
        long[] parameters = spec.on("test", form.shape).parameterShape();
        int count = Doubles.length(parameters);
        INDArray gamma = affine
                ? floats(
                        IntStream.range(0, count)
                                .mapToDouble(i -> 1 + i % 4 / 4.0)
                                .toArray(),
                        parameters)
                : null;
        INDArray beta = affine ? floats(Doubles.filled(0.25, count), parameters) : null;
        GroupStatistics statistics;
        Reference reference;
        if (spec.statistic().isGiven()) {
            long[] groups = spec.on("test", form.shape).statisticShape();
            INDArray mean = Nd4j.valueArrayOf(groups, -3.2e38, DataType.FLOAT);
            INDArray variance = Nd4j.valueArrayOf(groups, 1e38, DataType.FLOAT);
            statistics = GroupStatistics.given(mean, variance);
            reference = Reference.given(spec, form.shape, Doubles.of(mean), Doubles.of(variance));
        } else {
            statistics = GroupStatistics.allocate(spec, spec.on("test", form.shape), DataType.FLOAT);
            reference = Reference.of(spec, form.shape);
        }
        Normalization normalization = new Normalization(engine, spec, statistics);
        AffineParameters parametersOf = new AffineParameters(gamma, beta);
        String what =
                " of " + data + ", " + Arrays.toString(form.shape) + (affine ? ", affine, " : ", ") + normalization;
        Reference.Forward forward = reference.forward(Doubles.of(x), Doubles.orNull(gamma), Doubles.orNull(beta));
        INDArray y = normalization.forward(x, parametersOf, x.ulike());
        assertNear("y" + what, forward.y(), y);
        Reference.Gradients expected =
                reference.backward(Doubles.of(x), Doubles.of(dy), Doubles.orNull(gamma), Doubles.orNull(beta));
        Gradients gradients = normalization.backward(x, dy, parametersOf, x.ulike());
        assertNear("dx" + what, expected.dx(), gradients.dx());
        assertNear("dGamma" + what, expected.dGamma(), gradients.dGamma());
        assertNear("dBeta" + what, expected.dBeta(), gradients.dBeta());
    }

    /** The numbers themselves, which no oracle of ours computes. */
    @Test
    void knownNumbers() {
        for (NormEngine engine : ENGINES) {
            NormSpec sum = NormSpec.sumNorm(0, 0);
            assertArrayEquals(new double[] {.25, .75}, y(engine, sum, 1e-40, 3e-40), 1e-5, engine.name());
            assertArrayEquals(
                    Doubles.filled(1e-4, 10_000), y(engine, sum, Doubles.filled(3e38, 10_000)), 1e-10, engine.name());
            double[] x = Doubles.filled(-3.3e38, 64);
            x[5] = 3.3e38;
            double[] expected = Doubles.filled(-1 / Math.sqrt(63), 64);
            expected[5] = Math.sqrt(63);
            assertArrayEquals(expected, y(engine, NormSpec.layerNorm(1e-5, 0), x), 1e-5, engine.name());
        }
    }

    /** dx = s·(dy − Σ(dy·x̂)) with an infinite sum. */
    @Test
    void oneInfiniteGradientOfASum() {
        double inf = Double.POSITIVE_INFINITY;
        for (DataType type : Samples.TYPES) {
            for (Form form : forms(3)) {
                NormSpec spec = new NormSpec(Statistic.SUM, form.axes, 0);
                INDArray x = Doubles.toArray(type, form.shape, form.values(i -> i == 2 ? 2 : 1));
                INDArray dy = Doubles.toArray(type, form.shape, form.values(i -> i == 1 ? inf : 1));
                double[] dx = form.values(i -> i == 1 ? Double.NaN : -inf);
                INDArray ones = Nd4j.ones(type, spec.on("test", form.shape).parameterShape());
                for (NormEngine engine : ENGINES) {
                    for (INDArray gamma : new INDArray[] {null, ones}) {
                        AffineParameters affine = new AffineParameters(gamma, null);
                        Normalization normalization = Normalization.of(engine, spec, x);
                        normalization.forward(x, affine, x.ulike());
                        assertArrayEquals(
                                dx,
                                Doubles.of(normalization
                                        .backward(x, dy, affine, x.ulike())
                                        .dx()),
                                type + " " + Arrays.toString(form.shape) + normalization);
                    }
                }
            }
        }
    }

    /** A million ordinary values in one group: sums in float would lose what is far from the first ones. */
    @Test
    void aLargeGroup() {
        int m = 1_000_000;
        double[] x = IntStream.range(0, m)
                .mapToDouble(i -> (float) (3 + Math.sin(i)))
                .toArray();
        double[] dy = IntStream.range(0, m)
                .mapToDouble(i -> (float) (1 + Math.cos(2 * i)))
                .toArray();
        for (Statistic statistic : List.of(Statistic.MEAN_VARIANCE, Statistic.ROOT_MEAN_SQUARE, Statistic.SUM)) {
            NormSpec spec = new NormSpec(statistic, NormAxes.perChannel(0), 1e-5);
            Reference reference = Reference.of(spec, 1, m);
            Reference.Forward forward = reference.forward(x, null, null);
            Reference.Gradients expected = reference.backward(x, dy, null, null);
            for (NormEngine engine : ENGINES) {
                INDArray array = floats(x, 1, m);
                Normalization normalization = Normalization.of(engine, spec, array);
                INDArray y = normalization.forward(array, AffineParameters.none(), array.ulike());
                Gradients gradients =
                        normalization.backward(array, floats(dy, 1, m), AffineParameters.none(), array.ulike());
                assertNear("y of " + normalization, forward.y(), y);
                assertNear("dx of " + normalization, expected.dx(), gradients.dx());
                assertNear("dGamma of " + normalization, expected.dGamma(), gradients.dGamma());
                assertNear("dBeta of " + normalization, expected.dBeta(), gradients.dBeta());
            }
        }
    }

    /** As if all sums were of a few elements. */
    private static void assertNear(String what, Expected expected, INDArray actual) {
        Tolerances.assertClose(what, new Expected(expected.values(), expected.magnitudes(), 8), actual);
    }

    private static double[] y(NormEngine engine, NormSpec spec, double... x) {
        INDArray array = floats(x, x.length);
        Normalization normalization = Normalization.of(engine, spec, array);
        return Doubles.of(normalization.forward(array, AffineParameters.none(), array.ulike()));
    }

    private static INDArray floats(double[] values, long... shape) {
        return Doubles.toArray(DataType.FLOAT, shape, values);
    }
}
