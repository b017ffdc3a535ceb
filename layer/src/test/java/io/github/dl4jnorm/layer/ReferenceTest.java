package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.HelperThreads;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every layer, for every kind of input, in every type and however its arrays lie in memory, against the formulas. */
class ReferenceTest {
    /** Images of enough elements for several threads, whatever is normalized over; fewer are left to one. */
    private static final long[] LARGE = {12, 16, 29, 31};

    /** A layer with random parameters, and the oracle of what it computes. */
    private static final class Subject {
        private final Variants variant;
        private final int channelAxis;
        private final SingleLayer layer;
        private final long[] shape;
        private final double[] gamma;
        private final double[] beta;

        Subject(Variants variant, Scenario scenario, DataType type) {
            this(variant, SingleLayer.of(variant, scenario, type), scenario.channelAxis(), scenario.activations());
        }

        Subject(Variants variant, SingleLayer layer, int channelAxis, long... shape) {
            this.variant = variant;
            this.layer = layer;
            this.channelAxis = channelAxis;
            this.shape = shape;
            gamma = drawn(NormLayer.GAMMA, variant.constantGamma, 11);
            beta = drawn(NormLayer.BETA, variant.constantBeta, 12);
            if (layer.parameter(BatchNorm.MEAN) != null) {
                assign(BatchNorm.MEAN, Samples.gaussian(13, count(BatchNorm.MEAN)));
                double[] variance = Samples.gaussian(14, count(BatchNorm.VARIANCE));
                assign(
                        BatchNorm.VARIANCE,
                        Arrays.stream(variance).map(v -> 0.1 + v * v).toArray());
            }
        }

        private int count(String name) {
            return (int) layer.parameter(name).length();
        }

        /** Random values of a parameter, or the constant in its place. */
        private double[] drawn(String name, double constant, long seed) {
            if (layer.parameter(name) == null) {
                return Doubles.filled(constant, shape);
            }
            return assign(name, Samples.gaussian(seed, count(name)));
        }

        private double[] assign(String name, double... values) {
            INDArray parameter = layer.parameter(name);
            parameter.assign(Doubles.toArray(parameter.dataType(), parameter.shape(), values));
            return Doubles.of(parameter);
        }

        private Reference oracle(boolean training) {
            NormSpec spec = variant.spec(channelAxis);
            return training || layer.parameter(BatchNorm.MEAN) == null
                    ? Reference.of(spec, shape)
                    : Reference.given(
                            spec.withGivenStatistics(),
                            shape,
                            Doubles.of(layer.parameter(BatchNorm.MEAN)),
                            Doubles.of(layer.parameter(BatchNorm.VARIANCE)));
        }

        private double[] input() {
            int count = Doubles.length(shape);
            boolean sum = variant.spec(1).statistic() == Statistic.SUM;
            return sum ? Samples.mostlyPositive(1, count) : Samples.gaussian(1, count);
        }

        void check(DataType type, Layout ofX, Layout ofDy, boolean training) {
            INDArray x = ofX.create(type, shape, input());
            INDArray dy = ofDy.create(type, shape, Samples.gaussian(2, Doubles.length(shape)));
            double[] given = Doubles.of(x);
            double[] gradient = Doubles.of(dy);
            INDArray y = layer.forward(x, training);
            INDArray dx = layer.backward(dy);

            String what = type + ", x " + ofX + ", dy " + ofDy + ", training " + training + ": ";
            Reference oracle = oracle(training);
            Reference.Gradients expected = oracle.backward(given, gradient, gamma, beta);
            Tolerances.assertClose(
                    what + "y", oracle.forward(given, gamma, beta).y(), y);
            Tolerances.assertClose(what + "dx", expected.dx(), dx);
            if (layer.parameter(NormLayer.GAMMA) != null) {
                Tolerances.assertClose(what + "dGamma", expected.dGamma(), layer.gradient(NormLayer.GAMMA));
            }
            if (layer.parameter(NormLayer.BETA) != null) {
                Tolerances.assertClose(what + "dBeta", expected.dBeta(), layer.gradient(NormLayer.BETA));
            }
            for (String statistic : new String[] {BatchNorm.MEAN, BatchNorm.VARIANCE}) {
                if (layer.parameter(statistic) != null) {
                    Expect.zeros(layer.gradient(statistic));
                }
            }
            assertEquals(type, y.dataType());
            assertEquals(type, dx.dataType());
            Expect.same(Doubles.toArray(type, shape, given), x);
            Expect.same(Doubles.toArray(type, shape, gradient), dy);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#perScenario")
    void everyLayerComputesItsFormula(Variants variant, Scenario scenario) {
        Layout[] layouts = Layout.values();
        for (DataType type : Samples.TYPES) {
            Subject subject = new Subject(variant, scenario, type);
            for (int i = 0; i < layouts.length; i++) {
                Layout ofDy = layouts[(i + 1 + type.ordinal()) % layouts.length];
                subject.check(type, layouts[i], ofDy, true);
                subject.check(type, layouts[i], ofDy, false);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void severalThreadsShareLargeInputs(Variants variant) throws InterruptedException {
        SingleLayer layer = SingleLayer.of(variant, Nd4j.createUninitialized(DataType.FLOAT, LARGE));
        Subject subject = new Subject(variant, layer, 1, LARGE);
        Map<Long, Long> before = HelperThreads.cpuNanos();
        subject.check(DataType.FLOAT, Layout.C, Layout.CHANNEL_MAJOR, true);
        subject.check(DataType.FLOAT, Layout.CHANNEL_MAJOR, Layout.F, false);
        HelperThreads.assertCalledIfAnySince(before);
    }
}
