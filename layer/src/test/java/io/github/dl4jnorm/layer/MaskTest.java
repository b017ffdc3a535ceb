package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.NormGradients;
import io.github.dl4jnorm.Normalized;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class MaskTest {
    private static final double TOLERANCE = 1e-12;

    /** Activations in a format, and a mask for them; hidden[i] tells whether position i, channels last, is masked. */
    record Case(DataFormat format, long[] shape, int channelAxis, INDArray mask, boolean[] hidden) {

        static Case of(DataFormat format, int channelAxis, long[] shape, long... maskShape) {
            long length = 1;
            for (long size : maskShape) {
                length *= size;
            }
            INDArray mask = Nd4j.ones(DataType.FLOAT, length);
            for (long i = 0; i < length; i += 3) {
                mask.putScalar(i, 0);
            }
            mask = mask.reshape('c', maskShape);
            return new Case(format, shape, channelAxis, mask, hidden(shape, channelAxis, mask));
        }

        /** By plain loops: coordinates of a position without the channels, then sizes of 1 broadcast. */
        private static boolean[] hidden(long[] shape, int channelAxis, INDArray mask) {
            long[] positions = new long[shape.length - 1];
            for (int axis = 0, k = 0; axis < shape.length; axis++) {
                if (axis != channelAxis) {
                    positions[k++] = shape[axis];
                }
            }
            int count = 1;
            for (long size : positions) {
                count *= (int) size;
            }
            boolean[] hidden = new boolean[count];
            for (int i = 0; i < count; i++) {
                long rest = i;
                long[] at = new long[positions.length];
                for (int axis = positions.length - 1; axis >= 0; axis--) {
                    at[axis] = rest % positions[axis];
                    rest /= positions[axis];
                }
                hidden[i] = mask.getDouble(maskIndex(at, mask)) == 0;
            }
            return hidden;
        }

        private static long[] maskIndex(long[] at, INDArray mask) {
            long[] index = new long[mask.rank()];
            if (mask.rank() == 2 && mask.size(1) == 1) {
                index[0] = at[0];
            } else if (mask.rank() == at.length) {
                System.arraycopy(at, 0, index, 0, at.length);
            } else {
                index[0] = at[0];
                System.arraycopy(at, 1, index, 2, at.length - 1);
            }
            for (int axis = 0; axis < index.length; axis++) {
                index[axis] = Math.min(index[axis], mask.size(axis) - 1);
            }
            return index;
        }

        INDArray random(long seed) {
            Nd4j.getRandom().setSeed(seed);
            return Nd4j.rand(DataType.DOUBLE, shape).addi(0.5);
        }

        /** [positions, channels]. */
        INDArray rows(INDArray x) {
            int[] axes = new int[shape.length];
            int k = 0;
            for (int axis = 0; axis < shape.length; axis++) {
                if (axis != channelAxis) {
                    axes[k++] = axis;
                }
            }
            axes[k] = channelAxis;
            return x.permute(axes).dup('c').reshape('c', hidden.length, shape[channelAxis]);
        }

        int[] indices(boolean present) {
            return IntStream.range(0, hidden.length)
                    .filter(i -> hidden[i] != present)
                    .toArray();
        }

        INDArray present(INDArray x) {
            return rows(x).getRows(indices(true));
        }

        /** What is expected of the present positions. */
        Expected present(Expected of) {
            return new Expected(
                    Doubles.of(present(Doubles.toArray(DataType.DOUBLE, shape, of.values()))),
                    Doubles.of(present(Doubles.toArray(DataType.DOUBLE, shape, of.magnitudes()))),
                    of.length());
        }

        /** Whether the mask tells indices of an axis apart. */
        boolean runsAlong(int axis) {
            int k = axis > channelAxis ? axis - 1 : axis;
            boolean perExample = mask.rank() == 2 && mask.size(1) == 1;
            int ofMask = perExample || mask.rank() == shape.length - 1 || k == 0 ? k : k + 1;
            return axis != channelAxis && ofMask < mask.rank() && mask.size(ofMask) > 1;
        }

        InputType inputType() {
            if (format instanceof RNNFormat of) {
                return InputType.recurrent(shape[channelAxis], shape[3 - channelAxis], of);
            }
            boolean last = channelAxis == shape.length - 1;
            long[] sizes =
                    last ? Arrays.copyOfRange(shape, 1, channelAxis) : Arrays.copyOfRange(shape, 2, shape.length);
            if (format instanceof CNN2DFormat of) {
                return InputType.convolutional(sizes[0], sizes[1], shape[channelAxis], of);
            }
            return format == null
                    ? InputType.feedForward(shape[1])
                    : InputType.convolutional3D(
                            (Convolution3D.DataFormat) format, sizes[0], sizes[1], sizes[2], shape[channelAxis]);
        }

        @Override
        public String toString() {
            return format + " " + Arrays.toString(shape) + " mask " + Arrays.toString(mask.shape());
        }

        INDArray masked(INDArray x) {
            return rows(x).getRows(indices(false));
        }

        /** x with NaN and infinity behind the mask. */
        INDArray poisoned(INDArray x) {
            return withHidden(x, Double.NaN, Double.POSITIVE_INFINITY);
        }

        INDArray zeroed(INDArray x) {
            return withHidden(x, 0, 0);
        }

        private INDArray withHidden(INDArray x, double even, double odd) {
            INDArray poisoned = x.dup();
            long[] positions = poisoned.shape();
            for (int i = 0; i < hidden.length; i++) {
                if (hidden[i]) {
                    for (long c = 0; c < shape[channelAxis]; c++) {
                        long rest = i;
                        long[] index = new long[positions.length];
                        for (int axis = positions.length - 1; axis >= 0; axis--) {
                            if (axis != channelAxis) {
                                index[axis] = rest % positions[axis];
                                rest /= positions[axis];
                            }
                        }
                        index[channelAxis] = c;
                        poisoned.putScalar(index, c % 2 == 0 ? even : odd);
                    }
                }
            }
            return poisoned;
        }
    }

    static List<Case> cases() {
        DataFormat ndhwc = Convolution3D.DataFormat.NDHWC;
        return List.of(
                Case.of(null, 1, new long[] {7, 4}, 7, 1),
                Case.of(null, 1, new long[] {7, 4}, 7),
                Case.of(RNNFormat.NCW, 1, new long[] {4, 6, 5}, 4, 5),
                Case.of(RNNFormat.NCW, 1, new long[] {4, 6, 5}, 4, 1),
                Case.of(RNNFormat.NCW, 1, new long[] {4, 6, 5}, 4, 1, 5),
                Case.of(RNNFormat.NWC, 2, new long[] {4, 5, 6}, 4, 5),
                Case.of(CNN2DFormat.NCHW, 1, new long[] {4, 6, 2, 5}, 4, 1, 2, 5),
                Case.of(CNN2DFormat.NCHW, 1, new long[] {4, 6, 2, 5}, 4, 1, 2, 1),
                Case.of(CNN2DFormat.NCHW, 1, new long[] {4, 6, 2, 5}, 4, 1, 1, 5),
                Case.of(CNN2DFormat.NCHW, 1, new long[] {4, 6, 2, 5}, 4, 1, 1, 1),
                Case.of(CNN2DFormat.NCHW, 1, new long[] {4, 6, 2, 5}, 4, 1),
                Case.of(CNN2DFormat.NHWC, 3, new long[] {4, 2, 5, 6}, 4, 1, 2, 5),
                Case.of(CNN2DFormat.NHWC, 3, new long[] {4, 2, 5, 6}, 4, 1, 1, 5),
                Case.of(Convolution3D.DataFormat.NCDHW, 1, new long[] {3, 4, 2, 3, 2}, 3, 1, 2, 3, 2),
                Case.of(ndhwc, 4, new long[] {3, 2, 3, 2, 4}, 3, 1, 2, 3, 2));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void batchNormSeesOnlyPresentPositions(Case given) {
        INDArray x = given.random(1);
        INDArray dy = given.random(2);
        SingleLayer layer = layer(new BatchNorm.Builder().decay(0).dataFormat(given.format), given);
        INDArray y = layer.forward(given.poisoned(x), true);
        INDArray dx = layer.backward(given.poisoned(dy));
        layer.step();

        INDArray ones = Nd4j.ones(DataType.DOUBLE, given.shape[given.channelAxis]);
        Normalized expected = new NDNorm().batchNorm(given.present(x), ones, ones.mul(0), 1e-5, 1);
        NormGradients gradients = expected.backward(given.present(dy));
        Expect.close(expected.y(), given.present(y), TOLERANCE);
        Expect.close(gradients.dx(), given.present(dx), TOLERANCE);
        Expect.close(gradients.dGamma(), layer.gradient("gamma"), TOLERANCE);
        Expect.close(gradients.dBeta(), layer.gradient("beta"), TOLERANCE);
        Expect.close(expected.mean(), layer.parameter("mean"), TOLERANCE);
        Expect.close(expected.measure(), layer.parameter("var"), TOLERANCE);
        Expect.zeros(given.masked(y));
        Expect.zeros(given.masked(dx));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void batchNormInInferenceSeesOnlyPresentPositions(Case given) {
        INDArray x = given.random(1);
        SingleLayer layer = layer(new BatchNorm.Builder().dataFormat(given.format), given);
        INDArray y = layer.forward(given.poisoned(x), false);
        INDArray dx = layer.backward(given.poisoned(x));
        // Initial running statistics: mean 0, variance 1.
        Expect.close(given.present(x).div(Math.sqrt(1 + 1e-5)), given.present(y), TOLERANCE);
        Expect.close(given.present(x).div(Math.sqrt(1 + 1e-5)), given.present(dx), TOLERANCE);
        Expect.zeros(given.masked(y));
        Expect.zeros(given.masked(dx));
    }

    /** A mask for every variant: refused, or as if the hidden positions were not there. */
    static Stream<Arguments> everyVariant() {
        return Arrays.stream(Variants.values()).flatMap(variant -> cases().stream()
                .filter(given -> variant.takesRank(given.shape.length))
                .map(given -> Arguments.of(variant, given)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("everyVariant")
    void onlyPresentPositionsCount(Variants variant, Case given) {
        SingleLayer layer = layer(variant.builder(), given);
        INDArray x = given.random(1);
        INDArray dy = given.random(2);
        if (refused(variant, given)) {
            String message = assertThrows(DL4JInvalidInputException.class, () -> layer.forward(x, true))
                    .getMessage();
            assertTrue(message.contains(" \"norm\" (layer index 3): cannot "), message);
            assertTrue(message.contains(Arrays.toString(given.mask.shape())), message);
            return;
        }
        double[] gamma = randomized(layer.parameter("gamma"), variant.constantGamma, given.shape);
        double[] beta = randomized(layer.parameter("beta"), variant.constantBeta, given.shape);
        INDArray y = layer.forward(given.poisoned(x), true);
        INDArray dx = layer.backward(given.poisoned(dy));

        Expect.zeros(given.masked(y));
        Expect.zeros(given.masked(dx));
        NormSpec spec = variant.spec(given.channelAxis);
        boolean perChannel = spec.axes().kind() == NormAxes.Kind.PER_CHANNEL;
        INDArray seenX = perChannel ? given.present(x) : given.zeroed(x);
        INDArray seenDy = perChannel ? given.present(dy) : given.zeroed(dy);
        Reference oracle = Reference.of(perChannel ? spec.withAxes(NormAxes.perChannel(1)) : spec, seenX.shape());
        Expected expected = oracle.forward(Doubles.of(seenX), gamma, beta).y();
        Reference.Gradients gradients = oracle.backward(Doubles.of(seenX), Doubles.of(seenDy), gamma, beta);
        Tolerances.assertClose("y", perChannel ? expected : given.present(expected), given.present(y));
        Tolerances.assertClose("dx", perChannel ? gradients.dx() : given.present(gradients.dx()), given.present(dx));
        if (layer.parameter("gamma") != null) {
            Tolerances.assertClose("dGamma", gradients.dGamma(), layer.gradient("gamma"));
        }
        if (layer.parameter("beta") != null) {
            Tolerances.assertClose("dBeta", gradients.dBeta(), layer.gradient("beta"));
        }
    }

    private static double[] randomized(INDArray parameter, double constant, long... shape) {
        if (parameter == null) {
            return Doubles.filled(constant, shape);
        }
        Nd4j.getRandom().setSeed(7);
        return Doubles.of(parameter.assign(Nd4j.rand(DataType.DOUBLE, parameter.shape())));
    }

    /**
     * Means are refused along an axis that a mask runs along, because they would have to count, and BatchNorm's along any
     * but the channels; sums are not.
     */
    static boolean refused(Variants variant, Case given) {
        NormSpec spec = variant.spec(given.channelAxis);
        int rank = given.shape.length;
        List<Integer> named = spec.axes().axes().stream()
                .map(axis -> Math.floorMod(axis, rank))
                .toList();
        if (spec.axes().kind() == NormAxes.Kind.PER_CHANNEL) {
            return named.get(0) != given.channelAxis;
        }
        boolean mean = spec.statistic() == Statistic.MEAN_VARIANCE || spec.statistic() == Statistic.ROOT_MEAN_SQUARE;
        return mean
                && IntStream.range(0, rank)
                        .filter(axis -> spec.axes().kind() == NormAxes.Kind.OVER ? named.contains(axis) : axis > 0)
                        .anyMatch(given::runsAlong);
    }

    static SingleLayer layer(NormLayer.Builder<?> builder, Case given) {
        FeedForwardLayer conf = builder.build();
        conf.setNIn(given.inputType(), true);
        return new SingleLayer(conf, conf.getNIn(), DataType.DOUBLE).mask(given.mask);
    }

    @Test
    void sumOverTimeSkipsMaskedStepsAndMaskedExamples() {
        INDArray x = Nd4j.createFromArray(new double[] {1, 3, Double.NaN, Double.NaN, Double.NaN, Double.NaN})
                .reshape('c', 2, 1, 3);
        INDArray mask = Nd4j.createFromArray(new double[][] {{1, 1, 0}, {0, 0, 0}});
        SingleLayer layer = new SingleLayer(new SumNorm.Builder().axes(2).build(), 1, DataType.DOUBLE).mask(mask);
        INDArray y = layer.forward(x, true);
        Expect.close(Nd4j.createFromArray(new double[] {0.25, 0.75, 0, 0, 0, 0}), y, TOLERANCE);
        INDArray dx = layer.backward(
                Nd4j.createFromArray(new double[] {1, 2, 9, 9, 9, 9}).reshape('c', 2, 1, 3));
        // (dy − Σ dy·y)/s with Σ dy·y = 1.75 and s = 4.
        Expect.close(Nd4j.createFromArray(new double[] {-0.1875, 0.0625, 0, 0, 0, 0}), dx, TOLERANCE);
    }

    /** With a mask per time step, or per example if steps are refused. */
    private static SingleLayer masked(Variants variant, INDArray perStep) {
        Case steps = Case.of(RNNFormat.NWC, 2, new long[] {4, 5, 6}, 4, 5);
        FeedForwardLayer conf = variant.layer.get();
        conf.setNIn(InputType.recurrent(6, 5, RNNFormat.NWC), true);
        INDArray mask = refused(variant, steps) ? perStep.getColumns(0).dup() : perStep;
        return new SingleLayer(conf, 6, DataType.DOUBLE).mask(mask);
    }

    @ParameterizedTest
    @EnumSource(Variants.class)
    void nothingPresentGivesZerosAndMovesNothing(Variants variant) {
        SingleLayer layer = masked(variant, Nd4j.zeros(DataType.DOUBLE, 2, 5));
        INDArray nan = Nd4j.valueArrayOf(new long[] {2, 5, 6}, Double.NaN, DataType.DOUBLE);
        INDArray params =
                layer.layer.params() == null ? null : layer.layer.params().dup();
        for (boolean training : new boolean[] {true, false}) {
            Expect.zeros(layer.forward(nan, training));
            Expect.zeros(layer.backward(nan));
            layer.step();
        }
        if (params != null) {
            Expect.same(params, layer.layer.params());
            Expect.zeros(layer.layer.getGradientsViewArray());
        }
    }

    @ParameterizedTest
    @EnumSource(Variants.class)
    void maskOfOnesChangesNothing(Variants variant) {
        INDArray x = Nd4j.rand(DataType.DOUBLE, 4, 5, 6);
        FeedForwardLayer conf = variant.layer.get();
        conf.setNIn(InputType.recurrent(6, 5, RNNFormat.NWC), true);
        INDArray expected = new SingleLayer(conf, 6, DataType.DOUBLE).forward(x, true);
        Expect.same(expected, masked(variant, Nd4j.ones(DataType.DOUBLE, 4, 5)).forward(x, true));
    }

    @ParameterizedTest
    @EnumSource(Variants.class)
    void maskOfWrongShapeIsRefused(Variants variant) {
        for (long[] shape : new long[][] {{4, 6}, {3, 5}, {5, 4}, {4, 6, 5}, {4, 1, 5, 1}, {1, 5}}) {
            FeedForwardLayer conf = variant.layer.get();
            conf.setNIn(InputType.recurrent(6, 5, RNNFormat.NWC), true);
            SingleLayer layer = new SingleLayer(conf, 6, DataType.DOUBLE).mask(Nd4j.ones(DataType.DOUBLE, shape));
            String message = assertThrows(
                            DL4JInvalidInputException.class,
                            () -> layer.forward(Nd4j.rand(DataType.DOUBLE, 4, 5, 6), true))
                    .getMessage();
            assertTrue(
                    message.endsWith(
                            " \"norm\" (layer index 3): expected a mask of shape [4, 5] for activations of shape"
                                    + " [4, 5, 6], got shape " + Arrays.toString(shape)),
                    message);
        }
    }

    @Test
    void layerNormOverMaskedTimeIsRefused() {
        SingleLayer layer = new SingleLayer(
                        new LayerNorm.Builder()
                                .axes(1, 2)
                                .lockGamma(true)
                                .lockBeta(true)
                                .build(),
                        3,
                        DataType.DOUBLE)
                .mask(Nd4j.ones(DataType.DOUBLE, 4, 5));
        String message = assertThrows(
                        DL4JInvalidInputException.class, () -> layer.forward(Nd4j.rand(DataType.DOUBLE, 4, 3, 5), true))
                .getMessage();
        assertEquals(
                "LayerNorm \"norm\" (layer index 3): cannot normalize over axis 2, along which the mask of shape [4, 5] runs;"
                        + " normalize over other axes, or train without a mask",
                message);
    }

    static Stream<Arguments> networks() {
        return Stream.of(
                        Variants.BATCH_NORM,
                        Variants.LAYER_NORM,
                        Variants.GROUP_NORM,
                        Variants.RMS_NORM,
                        Variants.SUM_NORM,
                        Variants.UNIT_NORM)
                .flatMap(kind -> Stream.of(RNNFormat.NCW, RNNFormat.NWC)
                        .flatMap(format -> Stream.of(
                                Arguments.of(kind, format, List.of("norm", "lstm")),
                                Arguments.of(kind, format, List.of("lstm", "norm")),
                                Arguments.of(kind, format, List.of("lstm", "dense", "norm")),
                                Arguments.of(kind, format, List.of("dense", "norm")))))
                // GroupNorm takes masked steps where each is an example of its own: behind a dense layer.
                .filter(arguments -> arguments.get()[0] != Variants.GROUP_NORM
                        || ((List<?>) arguments.get()[2]).contains("dense"));
    }

    /** Masks as networks pass them on: before and after a recurrent layer, and on the time-distributed dense path. */
    @ParameterizedTest
    @MethodSource("networks")
    void maskedNetwork(Variants kind, RNNFormat format, List<String> kinds) {
        Scenario scenario = format == RNNFormat.NCW ? Scenario.NCW : Scenario.NWC;
        MultiLayerNetwork network = scenario.network(
                Scenario.base(DataType.DOUBLE, new Sgd(0.1)), recurrentLayers(kind.layer, format, kinds));
        ComputationGraph graph = scenario.graph(
                Scenario.base(DataType.DOUBLE, new Sgd(0.1)), recurrentLayers(kind.layer, format, kinds));
        graph.setParams(network.params());
        INDArray x = scenario.features(DataType.DOUBLE, 1);
        INDArray labels = scenario.labels(DataType.DOUBLE);
        INDArray mask = Nd4j.createFromArray(
                new double[][] {{1, 1, 1, 1}, {1, 1, 0, 0}, {1, 0, 0, 0}, {1, 1, 1, 0}, {1, 1, 0, 0}});
        DataSet data = new DataSet(x, labels, mask, mask);

        Pair<Gradient, INDArray> gradients = network.calculateGradients(x, labels, mask, mask);
        INDArray ofParameters = network.getFlattenedGradients().dup();
        Differences.assertGradient(gradients.getSecond(), x, () -> Scenario.BATCH * network.score(data, true));
        Differences.assertGradient(ofParameters, network.params(), () -> Scenario.BATCH * network.score(data, true));

        network.fit(data);
        graph.fit(data);
        Expect.same(network.params(), graph.params());
        assertTrue(Double.isFinite(network.params().sumNumber().doubleValue()));
    }

    private static List<Layer> recurrentLayers(Supplier<FeedForwardLayer> norm, RNNFormat format, List<String> kinds) {
        List<Layer> layers = new ArrayList<>();
        for (String kind : kinds) {
            layers.add(
                    switch (kind) {
                        case "norm" -> norm.get();
                        case "dense" -> new DenseLayer.Builder().nOut(4).build();
                        default -> new LSTM.Builder().nOut(4).dataFormat(format).build();
                    });
        }
        layers.add(new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(Scenario.CLASSES)
                .dataFormat(format)
                .build());
        return layers;
    }

    @Test
    void nanBehindTheMaskOfANetworkStaysThere() {
        Scenario scenario = Scenario.NCW;
        MultiLayerNetwork network = scenario.network(DataType.DOUBLE, () -> new BatchNorm.Builder().build(), false);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, Scenario.BATCH, 4);
        mask.putScalar(1, 3, 0);
        INDArray x = scenario.features(DataType.DOUBLE, 1);
        INDArray poisoned = x.dup();
        poisoned.putScalar(new int[] {1, 0, 3}, Double.NaN);
        MultiLayerNetwork other = network.clone();
        network.fit(new DataSet(x, scenario.labels(DataType.DOUBLE), mask, mask));
        other.fit(new DataSet(poisoned, scenario.labels(DataType.DOUBLE), mask, mask));
        Expect.same(network.params(), other.params());
        Expect.same(network.output(x, false, mask, null), other.output(poisoned, false, mask, null));
    }
}
