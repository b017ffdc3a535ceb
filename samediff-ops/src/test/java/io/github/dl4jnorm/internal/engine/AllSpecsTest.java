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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Every row of the table with all kinds of axes, types, ways to lie in memory, engines, parameters and activations,
 * against the formulas in double. Combinations are counted, so that none vanishes unnoticed.
 */
class AllSpecsTest {
    private static final long[] SMALL = {3, 6, 4, 5};

    /** Enough for several threads, tasks and segments: fewer elements are left to one. */
    private static final long[] LARGE = {5, 12, 29, 40};

    /** How an image array [N, C, H, W] lies in memory. */
    private enum Memory {
        C {
            @Override
            INDArray allocate(DataType type, long... shape) {
                return Nd4j.create(type, shape, 'c');
            }
        },
        F {
            @Override
            INDArray allocate(DataType type, long... shape) {
                return Nd4j.create(type, shape, 'f');
            }
        },
        CHANNELS_LAST {
            @Override
            INDArray allocate(DataType type, long... shape) {
                return Nd4j.create(type, new long[] {shape[0], shape[2], shape[3], shape[1]}, 'c')
                        .permute(0, 3, 1, 2);
            }
        },
        WINDOW {
            @Override
            INDArray allocate(DataType type, long... shape) {
                INDArray larger = Nd4j.create(type, new long[] {shape[0] + 1, shape[1] + 2, shape[2], shape[3] + 3});
                return larger.assign(Double.NaN)
                        .get(
                                NDArrayIndex.interval(1, 1 + shape[0]),
                                NDArrayIndex.interval(1, 1 + shape[1]),
                                NDArrayIndex.all(),
                                NDArrayIndex.interval(2, 2 + shape[3]));
            }
        };

        abstract INDArray allocate(DataType type, long... shape);

        /** Values rounded to a type. */
        INDArray create(DataType type, long[] shape, double... values) {
            return allocate(type, shape).assign(Doubles.toArray(type, shape, values));
        }

        INDArray nans(DataType type, long... shape) {
            return allocate(type, shape).assign(Double.NaN);
        }
    }

    private static NormAxes axes(NormAxes.Kind kind) {
        return switch (kind) {
            case PER_CHANNEL -> NormAxes.perChannel(1);
            case OVER -> NormAxes.over(-1, 1);
            case PER_EXAMPLE_AND_CHANNEL -> NormAxes.perExampleAndChannel(-3);
            case PER_EXAMPLE_AND_GROUP -> NormAxes.perExampleAndGroup(3, 1);
        };
    }

    /** All arrays of one combination, and what is expected of it. */
    private static final class Data {
        private final NormSpec plain;
        private final long[] shape;
        private final Memory memory;
        private final INDArray x;
        private final INDArray dy;
        private final INDArray gamma;
        private final INDArray beta;
        private final INDArray mean;
        private final INDArray variance;
        private final Reference reference;

        Data(NormSpec spec, DataType type, Memory memory, boolean affine, long... shape) {
            this.plain = spec.with(FusedActivation.IDENTITY);
            this.shape = shape;
            this.memory = memory;
            int count = Doubles.length(shape);
            boolean sum = spec.statistic() == Statistic.SUM;
            this.x = memory.create(type, shape, sum ? Samples.mostlyPositive(1, count) : offset(count));
            this.dy = memory.create(type, shape, Samples.gaussian(2, count));
            long[] parameters = spec.on("test", shape).parameterShape();
            int length = Doubles.length(parameters);
            this.gamma = affine ? Doubles.toArray(type, parameters, Samples.gaussian(3, length)) : null;
            this.beta = affine ? Doubles.toArray(type, parameters, Samples.gaussian(4, length)) : null;
            long[] groups = spec.on("test", shape).statisticShape();
            DataType wide = ComputeTypes.of(type);
            this.mean = Doubles.toArray(wide, groups, Samples.gaussian(5, Doubles.length(groups)));
            this.variance = mean.mul(mean).addi(0.1);
            this.reference = spec.statistic().isGiven()
                    ? Reference.given(plain, shape, Doubles.of(mean), Doubles.of(variance))
                    : Reference.of(plain, shape);
        }

        private static double[] offset(int count) {
            double[] values = Samples.gaussian(1, count);
            for (int i = 0; i < count; i++) {
                values[i] -= 2;
            }
            return values;
        }

        Normalization by(NormEngine engine, NormSpec spec) {
            return spec.statistic().isGiven()
                    ? new Normalization(engine, spec, GroupStatistics.given(mean, variance))
                    : Normalization.of(engine, spec, x);
        }

        AffineParameters affine() {
            return new AffineParameters(gamma, beta);
        }

        INDArray output() {
            return memory.nans(x.dataType(), shape);
        }

        /** Runs both passes and checks all that they compute. Returns y, dx, dGamma and dBeta. */
        List<INDArray> check(Normalization normalization) {
            String what =
                    ", " + x.dataType() + ", " + memory + (gamma == null ? ", " : ", gamma and beta, ") + normalization;
            boolean rectified = normalization.spec().activation() == FusedActivation.RELU;
            double[] values = Doubles.of(x);
            Reference.Forward forward = reference.forward(values, Doubles.orNull(gamma), Doubles.orNull(beta));
            INDArray y = normalization.forward(x, affine(), output());
            double[] expected = forward.y().values().clone();
            if (rectified) {
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = Math.max(0, expected[i]);
                }
            }
            Tolerances.assertClose(
                    "y" + what,
                    new Expected(expected, forward.y().magnitudes(), forward.y().length()),
                    y);
            checkStatistics(what, forward, normalization.statistics());

            // At a kink rounding decides: the gradient passes where the engine's own output was positive.
            double[] passed = Doubles.of(dy);
            double[] rectifiedY = Doubles.of(y);
            for (int i = 0; i < passed.length; i++) {
                passed[i] = rectified && !(rectifiedY[i] > 0) ? 0 : passed[i];
            }
            Reference.Gradients backward =
                    reference.backward(values, passed, Doubles.orNull(gamma), Doubles.orNull(beta));
            Gradients gradients = normalization.backward(x, dy, affine(), output());
            Tolerances.assertClose("dx" + what, backward.dx(), gradients.dx());
            Tolerances.assertClose("dGamma" + what, backward.dGamma(), gradients.dGamma());
            Tolerances.assertClose("dBeta" + what, backward.dBeta(), gradients.dBeta());
            return List.of(y, gradients.dx(), gradients.dGamma(), gradients.dBeta());
        }

        private void checkStatistics(String what, Reference.Forward forward, GroupStatistics statistics) {
            if (plain.statistic().isCentered()) {
                Tolerances.assertClose("center" + what, forward.center(), statistics.center());
            }
            Tolerances.assertClose("measure" + what, forward.measure(), statistics.measure());
            Tolerances.assertClose("scale" + what, forward.scale(), statistics.scale(plain));
        }
    }

    private static List<NormSpec> specs(Statistic statistic, NormAxes.Kind kind) {
        List<NormSpec> specs = new ArrayList<>();
        for (FusedActivation activation : FusedActivation.values()) {
            for (boolean unitOffset : new boolean[] {false, true}) {
                specs.add(new NormSpec(statistic, axes(kind), 1e-3, unitOffset, activation));
            }
        }
        return specs;
    }

    @ParameterizedTest
    @EnumSource
    void isAsTheFormulasSay(Statistic statistic) {
        List<NormEngine> engines = Normalization.engines(1);
        int combinations = 0;
        for (NormAxes.Kind kind : NormAxes.Kind.values()) {
            for (NormSpec spec : specs(statistic, kind)) {
                for (DataType type : Samples.TYPES) {
                    for (Memory memory : Memory.values()) {
                        for (boolean affine : new boolean[] {false, true}) {
                            Data data = new Data(spec, type, memory, affine, SMALL);
                            for (NormEngine engine : engines) {
                                data.check(data.by(engine, spec));
                                combinations++;
                            }
                        }
                    }
                }
            }
        }
        int kinds = 4;
        int offsetsAndActivations = 2 * 2;
        int types = 4;
        int memories = 4;
        int withAndWithoutParameters = 2;
        assertEquals(
                kinds * offsetsAndActivations * types * memories * withAndWithoutParameters * engines.size(),
                combinations);
        assertEquals(Normalization.kernels().size() + 1, engines.size());
    }

    @ParameterizedTest
    @EnumSource
    void threadsGetTheSameBits(Statistic statistic) {
        int combinations = 0;
        for (NormAxes.Kind kind : NormAxes.Kind.values()) {
            NormSpec spec = new NormSpec(statistic, axes(kind), 1e-3, false, FusedActivation.RELU);
            for (DataType type : Samples.TYPES) {
                for (Memory memory : Memory.values()) {
                    Data data = new Data(spec, type, memory, true, LARGE);
                    List<NormEngine> one = Normalization.fusedEngines(1);
                    List<NormEngine> three = Normalization.fusedEngines(3);
                    for (int i = 0; i < one.size(); i++) {
                        List<INDArray> expected = data.check(data.by(one.get(i), spec));
                        Normalization normalization = data.by(three.get(i), spec);
                        INDArray y = normalization.forward(data.x, data.affine(), data.output());
                        Gradients gradients = normalization.backward(data.x, data.dy, data.affine(), data.output());
                        String what = type + ", " + memory + ", " + normalization;
                        assertSame("y, " + what, expected.get(0), y);
                        assertSame("dx, " + what, expected.get(1), gradients.dx());
                        assertSame("dGamma, " + what, expected.get(2), gradients.dGamma());
                        assertSame("dBeta, " + what, expected.get(3), gradients.dBeta());
                        combinations++;
                    }
                }
            }
        }
        int kinds = 4;
        int types = 4;
        int memories = 4;
        assertEquals(kinds * types * memories * Normalization.kernels().size(), combinations);
    }

    private static void assertSame(String what, INDArray expected, INDArray actual) {
        assertArrayEquals(
                expected.dup('c').data().asDouble(), actual.dup('c').data().asDouble(), what);
    }
}
