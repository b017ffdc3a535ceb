package io.github.dl4jnorm.internal.engine;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Unit normalization of vectors shorter than √ε, of exactly √ε and longer ones, side by side in one array: by every engine
 * and kernel, along rows and columns, with parameters and without.
 */
class UnitNormFloorTest {
    /** Lengths of the groups, relative to √ε. */
    private static final double[] LENGTHS = {1, 0.5, 2, 0, 0x1p-10, 64, 1, 0.75};

    /** Made once: each keeps threads and memory. */
    private static final List<NormEngine> ENGINES = Normalization.engines(2);

    /** Where the groups are, and their size. */
    private record Form(NormAxes axes, int m, boolean rows, long... shape) {
        /** Of elements 3, −4, 3, −4, … times a unit and the length of the group: all sums of squares are exact. */
        double[] values(double unit) {
            return IntStream.range(0, Doubles.length(shape))
                    .mapToDouble(i -> LENGTHS[group(i)] * unit * (position(i) % 2 == 0 ? 3 : -4))
                    .toArray();
        }

        double eps(double unit) {
            return 12.5 * m * unit * unit;
        }

        int group(int i) {
            return rows ? i / m : i % LENGTHS.length;
        }

        private int position(int i) {
            return rows ? i % m : i / LENGTHS.length;
        }
    }

    private static List<Form> forms(int m) {
        int groups = LENGTHS.length;
        return List.of(
                new Form(NormAxes.over(1), m, true, groups, m),
                new Form(NormAxes.over(0), m, false, m, groups),
                new Form(NormAxes.perChannel(0), m, true, groups, m),
                new Form(NormAxes.perChannel(1), m, false, m, groups),
                new Form(NormAxes.over(-1, 1), m, true, groups, 2, m / 2));
    }

    /** The squares of the last are no floats. */
    static List<Arguments> unitsOfTypes() {
        return List.of(
                Arguments.of(DataType.DOUBLE, 1),
                Arguments.of(DataType.FLOAT, 1),
                Arguments.of(DataType.FLOAT16, 1),
                Arguments.of(DataType.BFLOAT16, 1),
                Arguments.of(DataType.DOUBLE, 0x1p-20),
                Arguments.of(DataType.FLOAT, 0x1p-20),
                Arguments.of(DataType.BFLOAT16, 0x1p-20),
                Arguments.of(DataType.DOUBLE, 0x1p-100),
                Arguments.of(DataType.FLOAT, 0x1p-100));
    }

    @ParameterizedTest
    @MethodSource("unitsOfTypes")
    void isAsTheFormulasSay(DataType type, double unit) {
        for (int m : new int[] {2, 64, 5000}) {
            for (Form form : forms(m)) {
                for (FusedActivation activation : FusedActivation.values()) {
                    NormSpec spec = new NormSpec(Statistic.L2, form.axes, form.eps(unit)).with(activation);
                    for (NormEngine engine : ENGINES) {
                        check(engine, spec, type, form, unit, false);
                        check(engine, spec, type, form, unit, true);
                    }
                }
            }
        }
    }

    private static void check(NormEngine engine, NormSpec spec, DataType type, Form form, double unit, boolean affine) {
        INDArray x = Doubles.toArray(type, form.shape, form.values(unit));
        INDArray dy = Doubles.toArray(type, form.shape, Samples.gaussian(1, Doubles.length(form.shape)));
        long[] parameters = spec.on("test", form.shape).parameterShape();
        INDArray gamma = affine ? Doubles.toArray(type, parameters, Samples.gaussian(2, length(parameters))) : null;
        INDArray beta = affine ? Doubles.toArray(type, parameters, Doubles.filled(0.25, parameters)) : null;
        Normalization normalization = Normalization.of(engine, spec, x);
        String of = " of " + type + " " + Arrays.toString(form.shape) + (affine ? ", affine, " : ", ") + normalization;
        Reference reference = Reference.of(spec, form.shape);
        Reference.Forward forward = reference.forward(Doubles.of(x), Doubles.orNull(gamma), Doubles.orNull(beta));
        Reference.Gradients gradients =
                reference.backward(Doubles.of(x), Doubles.of(dy), Doubles.orNull(gamma), Doubles.orNull(beta));
        AffineParameters parametersOf = new AffineParameters(gamma, beta);
        assertClose("y" + of, forward.y(), normalization.forward(x, parametersOf, x.ulike()));
        GroupStatistics statistics = normalization.statistics();
        assertClose("measure" + of, forward.measure(), statistics.measure());
        assertClose("scale" + of, forward.scale(), statistics.scale(spec));
        Gradients actual = normalization.backward(x, dy, parametersOf, x.ulike());
        assertClose("dx" + of, gradients.dx(), actual.dx());
        assertClose("dGamma" + of, gradients.dGamma(), actual.dGamma());
        assertClose("dBeta" + of, gradients.dBeta(), actual.dBeta());
    }

    private static int length(long... shape) {
        return Doubles.length(shape);
    }

    @Test
    void scalesOfMeasures() {
        INDArray measures =
                Doubles.toArray(DataType.DOUBLE, new long[] {5}, 4, 16, 25, Double.NaN, Double.POSITIVE_INFINITY);
        INDArray scales = new GroupStatistics(null, null, measures, null).scale(NormSpec.unitNorm(16, 1));
        assertArrayEquals(new double[] {.25, .25, .2, Double.NaN, 0}, Doubles.of(scales));
        assertEquals(4, measures.getDouble(0), "is not modified");
    }

    /** y = 0 and dx = dy/√ε. */
    @Test
    void zeros() {
        for (NormEngine engine : ENGINES) {
            Run run = new Run(engine, 0x1p-40, new double[] {0, 0, 0}, new double[] {1, -2, 3});
            assertArrayEquals(new double[3], run.y, run.name);
            assertArrayEquals(new double[] {0x1p20, -0x1p21, 0x1.8p21}, run.dx, run.name);
        }
    }

    /** 3, 4 is as long as √25: the gradient at right angles to x stays, the one along x vanishes, as if it were longer. */
    @Test
    void onEqualityTheGradientGoesThroughTheNorm() {
        for (NormEngine engine : ENGINES) {
            Run along = new Run(engine, 25, new double[] {3, 4}, new double[] {3, 4});
            assertArrayEquals(new double[2], along.dx, 1e-6, along.name);
            Run shorter = new Run(engine, 25.5, new double[] {3, 4}, new double[] {3, 4});
            assertArrayEquals(new double[] {3 / Math.sqrt(25.5), 4 / Math.sqrt(25.5)}, shorter.dx, 1e-6, shorter.name);
        }
    }

    /** Where s is a constant, an element of dx is that of dy, and of nothing else. */
    @Test
    void badGradientsOfShortVectorsStayWhereTheyAre() {
        for (NormEngine engine : ENGINES) {
            for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                Run run = new Run(engine, 4, new double[] {0.5, 0, -0.5}, new double[] {1, bad, 3});
                assertArrayEquals(new double[] {0.5, bad, 1.5}, run.dx, run.name);
            }
        }
    }

    /** max(NaN, ε) is NaN: no floor hides it. */
    @Test
    void badVectorsAreNotFloored() {
        for (NormEngine engine : ENGINES) {
            Run nan = new Run(engine, 4, new double[] {0.5, Double.NaN, 0}, new double[] {1, 2, 3});
            assertAllNaN(nan.y, nan.name);
            assertAllNaN(nan.dx, nan.name);
            Run infinite = new Run(engine, 4, new double[] {0.5, Double.POSITIVE_INFINITY, 0}, new double[] {1, 2, 3});
            assertArrayEquals(new double[] {0, Double.NaN, 0}, infinite.y, infinite.name);
        }
    }

    private static void assertAllNaN(double[] values, String name) {
        assertEquals(3, values.length);
        assertTrue(Arrays.stream(values).allMatch(Double::isNaN), () -> name + ": " + Arrays.toString(values));
    }

    /** Both passes over one vector of floats. */
    private static final class Run {
        private final String name;
        private final double[] y;
        private final double[] dx;

        Run(NormEngine engine, double eps, double[] x, double[] dy) {
            INDArray in = Doubles.toArray(DataType.FLOAT, new long[] {1, x.length}, x);
            Normalization normalization = Normalization.of(engine, NormSpec.unitNorm(eps, 1), in);
            this.name = normalization.toString();
            this.y = Doubles.of(normalization.forward(in, AffineParameters.none(), in.ulike()));
            INDArray gradient = Doubles.toArray(DataType.FLOAT, new long[] {1, x.length}, dy);
            this.dx = Doubles.of(normalization
                    .backward(in, gradient, AffineParameters.none(), in.ulike())
                    .dx());
        }
    }
}
