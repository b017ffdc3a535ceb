package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.testing.Layout;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.enums.DebugMode;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.profiler.ProfilerConfig;

/** Arrays as DL4J really delivers them: any order and strides, other types, gradients that need a reshape. */
class InputLayoutTest {
    private static final double TOLERANCE = 1e-12;

    static Stream<Arguments> layouts() {
        return Arrays.stream(Layout.values())
                .flatMap(x -> Arrays.stream(Layout.values()).map(dy -> Arguments.of(x, dy)));
    }

    @ParameterizedTest(name = "x {0}, dy {1}")
    @MethodSource("layouts")
    void anyOrderAndStrides(Layout layoutOfX, Layout layoutOfDy) {
        INDArray x = Nd4j.rand(DataType.DOUBLE, Scenario.NCHW.activations()).addi(0.5);
        INDArray dy = Nd4j.randn(DataType.DOUBLE, x.shape());
        for (Variants variant : Variants.values()) {
            SingleLayer plain = SingleLayer.of(variant, Scenario.NCHW, DataType.DOUBLE);
            SingleLayer layer = SingleLayer.of(variant, Scenario.NCHW, DataType.DOUBLE);
            INDArray given = layoutOfX.copyOf(x);
            INDArray givenDy = layoutOfDy.copyOf(dy);
            Expect.close(plain.forward(x, true), layer.forward(given, true), TOLERANCE);
            Expect.close(plain.backward(dy), layer.backward(givenDy), TOLERANCE);
            INDArray gradients = plain.layer.getGradientsViewArray();
            if (gradients != null) {
                Expect.close(gradients, layer.layer.getGradientsViewArray(), TOLERANCE);
            }
            Expect.same(x, given);
            Expect.same(dy, givenDy);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#perScenario")
    void gradientThatNeedsAReshape(Variants variant, Scenario scenario) {
        long[] shape = scenario.activations();
        long[] longer = Arrays.copyOf(shape, shape.length + 1);
        longer[shape.length] = 1;
        INDArray x = Nd4j.rand(DataType.DOUBLE, shape).addi(0.5);
        INDArray dy = Nd4j.randn(DataType.DOUBLE, shape);
        SingleLayer layer = SingleLayer.of(variant, scenario, DataType.DOUBLE);
        layer.forward(x, true);
        INDArray expected = layer.backward(dy);
        Expect.same(expected, layer.backward(dy.reshape('c', longer)));
        Expect.close(expected, layer.backward(dy.dup('f').reshape('f', longer)), TOLERANCE);
        assertArrayEquals(shape, layer.backward(dy.reshape('c', longer)).shape());
    }

    /** DL4J's networks are FLOAT, DOUBLE or FLOAT16; BFLOAT16 can only come in. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE", "HALF"})
    void inputOfAnotherTypeIsCast(DataType type) {
        INDArray x = Nd4j.rand(DataType.DOUBLE, 4, 3).addi(0.5);
        for (DataType given : List.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16)) {
            INDArray arrived = x.castTo(given);
            SingleLayer layer = new SingleLayer(new BatchNorm.Builder().build(), 3, type);
            INDArray y = layer.forward(arrived, true);
            assertEquals(type, y.dataType());
            assertEquals(type, layer.backward(arrived).dataType());
            Expect.same(
                    new NDNorm()
                            .batchNorm(arrived.castTo(type), null, null, 1e-5, 1)
                            .y(),
                    y);
        }
    }

    /** A layer of half type computes in float and rounds its results to 11 bits. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#perScenario")
    void halfTypeIsRoundedFloat(Variants variant, Scenario scenario) {
        SingleLayer half = SingleLayer.of(variant, scenario, DataType.FLOAT16);
        SingleLayer wide = SingleLayer.of(variant, scenario, DataType.FLOAT);
        long[] shape = scenario.activations();
        INDArray x = Nd4j.rand(DataType.FLOAT, shape).addi(0.5).castTo(DataType.FLOAT16);
        INDArray dy = Nd4j.randn(DataType.FLOAT, shape).castTo(DataType.FLOAT16);
        closeToHalf(wide.forward(x, true), half.forward(x, true));
        closeToHalf(wide.backward(dy), half.backward(dy));
        if (wide.layer.params() != null) {
            closeToHalf(wide.layer.getGradientsViewArray(), half.layer.getGradientsViewArray());
            wide.step();
            half.step();
            closeToHalf(wide.layer.params(), half.layer.params());
        }
    }

    private static void closeToHalf(INDArray expected, INDArray actual) {
        double largest = expected.amaxNumber().doubleValue();
        Expect.close(expected, actual, 0x1p-11 * largest + 1e-6);
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#everywhere")
    void halfTypeTrains(Variants variant, Scenario scenario, boolean deeper) {
        MultiLayerNetwork network = scenario.network(DataType.FLOAT16, variant.layer, deeper);
        DataSet data = new DataSet(scenario.features(DataType.FLOAT16, 1), scenario.labels(DataType.FLOAT16));
        double before = network.score(data, true);
        for (int i = 0; i < 5; i++) {
            network.fit(data);
        }
        assertTrue(network.score(data, true) < before);
        assertEquals(DataType.FLOAT16, network.output(data.getFeatures()).dataType());
    }

    /** Layers whose output or gradient is unusual: permuted views, 'f' order, formats that DL4J states wrongly. */
    static Stream<Arguments> neighbours() {
        InputType recurrent = InputType.recurrent(3, 6);
        InputType images = InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 3, 3, 3, 2);
        return Stream.of(
                        Variants.BATCH_NORM,
                        Variants.LAYER_NORM,
                        Variants.GROUP_NORM,
                        Variants.INSTANCE_NORM,
                        Variants.RMS_NORM,
                        Variants.SUM_NORM,
                        Variants.UNIT_NORM)
                .flatMap(variant -> Stream.of(
                                Arguments.of(
                                        variant + " behind LSTM",
                                        recurrent,
                                        new long[] {5, 3, 6},
                                        List.of(new LSTM.Builder().nOut(4).build(), variant.layer.get(), rnnOutput())),
                                Arguments.of(
                                        variant + " behind Conv1D",
                                        recurrent,
                                        new long[] {5, 3, 6},
                                        List.of(
                                                new Convolution1DLayer.Builder(2)
                                                        .nOut(4)
                                                        .build(),
                                                variant.layer.get(),
                                                new LSTM.Builder().nOut(4).build(),
                                                rnnOutput())),
                                Arguments.of(
                                        variant + " behind GlobalPooling over time",
                                        recurrent,
                                        new long[] {5, 3, 6},
                                        List.of(
                                                new LSTM.Builder().nOut(4).build(),
                                                new GlobalPoolingLayer.Builder().build(),
                                                variant.layer.get(),
                                                output())),
                                Arguments.of(
                                        variant + " behind Conv3D in truncate mode, which reports NDHWC",
                                        images,
                                        new long[] {5, 2, 3, 3, 3},
                                        List.of(
                                                new Convolution3D.Builder(2, 2, 2)
                                                        .nOut(4)
                                                        .dataFormat(Convolution3D.DataFormat.NCDHW)
                                                        .build(),
                                                withFormat(variant.layer.get(), Convolution3D.DataFormat.NCDHW),
                                                new GlobalPoolingLayer.Builder().build(),
                                                output())))
                        .filter(arguments -> variant != Variants.INSTANCE_NORM
                                || !arguments.get()[0].toString().contains("over time")));
    }

    private static Layer withFormat(FeedForwardLayer layer, Convolution3D.DataFormat format) {
        ((NormLayer) layer).setDataFormat(format);
        return layer;
    }

    private static Layer rnnOutput() {
        return new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build();
    }

    private static Layer output() {
        return new OutputLayer.Builder(LossFunction.MSE).nOut(2).build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("neighbours")
    void behindLayersOfDl4j(String name, InputType type, long[] shape, List<Layer> layers) {
        var list = Scenario.base(DataType.DOUBLE, new Sgd(0.01)).list();
        layers.forEach(list::layer);
        MultiLayerNetwork network =
                new MultiLayerNetwork(list.setInputType(type).build());
        network.init();
        INDArray x = Nd4j.rand(DataType.DOUBLE, shape).addi(0.5);
        INDArray labels = Nd4j.rand(DataType.DOUBLE, network.output(x).shape());
        DataSet data = new DataSet(x, labels);
        network.calculateGradients(x, labels, null, null);
        INDArray gradient = network.getFlattenedGradients().dup();
        Differences.assertGradient(gradient, network.params(), () -> 5 * network.score(data, true));
        network.fit(data);
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#everywhere")
    void workspacesChangeNothing(Variants norm, Scenario scenario, boolean deeper) {
        DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
        MultiLayerNetwork without = scenario.network(DataType.FLOAT, norm.layer, deeper);
        without.getLayerWiseConfigurations().setTrainingWorkspaceMode(WorkspaceMode.NONE);
        without.getLayerWiseConfigurations().setInferenceWorkspaceMode(WorkspaceMode.NONE);
        MultiLayerNetwork with = scenario.network(DataType.FLOAT, norm.layer, deeper);
        // Arrays used outside the scope of their workspace are found at once, and each has memory of its own.
        Nd4j.getExecutioner()
                .setProfilingConfig(
                        ProfilerConfig.builder().checkWorkspaces(true).build());
        Nd4j.getWorkspaceManager().setDebugMode(DebugMode.SPILL_EVERYTHING);
        try {
            for (int i = 0; i < 3; i++) {
                with.fit(data);
                without.fit(data);
                Expect.same(without.output(data.getFeatures()), with.output(data.getFeatures()));
            }
        } finally {
            Nd4j.getWorkspaceManager().setDebugMode(DebugMode.DISABLED);
            Nd4j.getExecutioner().setProfilingConfig(ProfilerConfig.builder().build());
        }
        Expect.same(without.params(), with.params());
    }

    @ParameterizedTest
    @EnumSource(Variants.class)
    void keepsNothingOfTheSizeOfTheActivations(Variants norm) throws IllegalAccessException {
        Scenario scenario = Scenario.NCHW;
        MultiLayerNetwork network = scenario.network(DataType.FLOAT, norm.layer, false);
        INDArray x = scenario.features(DataType.FLOAT, 1);
        org.deeplearning4j.nn.api.Layer layer = network.getLayer(0);
        INDArray y = layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
        int statistics = 0;
        for (Class<?> type = layer.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                field.setAccessible(true);
                Object value = field.get(layer);
                assertFalse(value == y, field.getName());
                if (value instanceof GroupStatistics of) {
                    statistics++;
                    for (INDArray each : Arrays.asList(of.center(), of.centerResidual(), of.measure(), of.scale())) {
                        assertTrue(each == null || each.length() <= x.length() / 2, field.getName());
                    }
                } else if (value instanceof INDArray array && !field.getName().equals("input")) {
                    assertTrue(array.length() <= x.length() / 2, field.getName());
                }
            }
        }
        assertEquals(1, statistics);
    }

    @Test
    void explicitFormatWinsOverTheInputType() {
        BatchNorm layer = new BatchNorm.Builder().dataFormat(CNN2DFormat.NHWC).build();
        InputType nchw = InputType.convolutional(4, 5, 3, CNN2DFormat.NCHW);
        layer.setNIn(nchw, true);
        assertEquals(InputType.convolutional(4, 5, 3, CNN2DFormat.NHWC), layer.getOutputType(0, nchw));
        SingleLayer single = new SingleLayer(layer, 3, DataType.DOUBLE);
        INDArray x = Nd4j.rand(DataType.DOUBLE, 2, 4, 5, 3);
        Expect.same(new NDNorm().batchNorm(x, null, null, 1e-5, 3).y(), single.forward(x, true));
    }

    @Test
    void formatIsRecordedEvenIfTheNumberOfChannelsIsNot() {
        BatchNorm layer = new BatchNorm.Builder().nIn(7).build();
        layer.setNIn(InputType.recurrent(3, 4, RNNFormat.NWC), false);
        assertEquals(RNNFormat.NWC, layer.getInputFormat());
        assertEquals(7, layer.getNIn());
        assertEquals(7, layer.getNOut());
        assertEquals(
                InputType.recurrent(7, 4, RNNFormat.NWC),
                layer.getOutputType(0, InputType.recurrent(3, 4, RNNFormat.NWC)));
    }

    @Test
    void channelsWithoutAnInputType() {
        MultiLayerNetwork network = new MultiLayerNetwork(Scenario.base(DataType.FLOAT, new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
                .layer(new BatchNorm.Builder().nOut(4).build())
                .layer(new LayerNorm.Builder().nIn(4).build())
                .layer(new SumNorm.Builder().eps(10).build())
                .layer(new BatchNorm.Builder()
                        .lockGammaBeta(true)
                        .gamma(2)
                        .runningStatistics(false)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(2).build())
                .build());
        network.init();
        network.fit(new DataSet(Nd4j.rand(5, 3), Nd4j.rand(5, 2)));
        assertEquals(4 * 4 + 4 * 4 + 2 * 4 + 5 * 2, network.numParams());
    }
}
