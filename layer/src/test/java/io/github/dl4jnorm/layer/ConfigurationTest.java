package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.MemoryType;
import org.deeplearning4j.nn.conf.memory.MemoryUseMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** Parameters, sizes, defaults, memory report, and networks that are edited after training. */
class ConfigurationTest {

    @Test
    void parametersInTheirOrder() {
        assertEquals(List.of("gamma", "beta", "mean", "var"), keys(new BatchNorm.Builder().build()));
        assertEquals(
                List.of("mean", "var"),
                keys(new BatchNorm.Builder().lockGammaBeta(true).build()));
        assertEquals(
                List.of("beta", "mean", "var"),
                keys(new BatchNorm.Builder().lockGamma(true).build()));
        assertEquals(
                List.of("gamma", "mean", "var"),
                keys(new BatchNorm.Builder().lockBeta(true).build()));
        assertEquals(
                List.of("gamma", "beta"),
                keys(new BatchNorm.Builder().runningStatistics(false).build()));
        assertEquals(List.of("gamma", "beta"), keys(new LayerNorm.Builder().build()));
        assertEquals(
                List.of("beta"), keys(new LayerNorm.Builder().lockGamma(true).build()));
        assertEquals(List.of("gamma", "beta"), keys(new GroupNorm.Builder().build()));
        assertEquals(List.of("gamma", "beta"), keys(new InstanceNorm.Builder().build()));
        assertEquals(List.of("gamma"), keys(new RmsNorm.Builder().build()));
        assertEquals(
                List.of("gamma", "beta"),
                keys(new RmsNorm.Builder().lockBeta(false).build()));
        assertEquals(List.of(), keys(new SumNorm.Builder().build()));
        assertEquals(List.of(), keys(new UnitNorm.Builder().build()));
    }

    private static List<String> keys(FeedForwardLayer layer) {
        return layer.initializer().paramKeys(layer);
    }

    @Test
    void defaults() {
        BatchNorm batchNorm = new BatchNorm.Builder().build();
        assertEquals(0.9, batchNorm.getDecay());
        assertEquals(1e-5, batchNorm.getEps());
        assertEquals(1e-5, new LayerNorm.Builder().build().getEps());
        assertEquals(1e-5, new GroupNorm.Builder().build().getEps());
        assertEquals(32, new GroupNorm.Builder().build().getGroups());
        assertEquals(1e-5, new InstanceNorm.Builder().build().getEps());
        assertEquals(1e-6, new RmsNorm.Builder().build().getEps());
        assertEquals(0, new SumNorm.Builder().build().getEps());
        assertEquals(1e-12, new UnitNorm.Builder().build().getEps());
        SingleLayer layer = new SingleLayer(batchNorm, 2, DataType.DOUBLE);
        assertArrayEquals(
                new double[] {1, 1, 0, 0, 0, 0, 1, 1}, layer.layer.params().toDoubleVector());
        assertArrayEquals(new long[] {1, 2}, layer.parameter("gamma").shape());
    }

    @Test
    void initialGainAndBias() {
        SingleLayer layer =
                new SingleLayer(new LayerNorm.Builder().gamma(2).beta(0.5).build(), 2, DataType.DOUBLE);
        assertArrayEquals(new double[] {2, 2, 0.5, 0.5}, layer.layer.params().toDoubleVector());
        assertArrayEquals(
                new double[] {1, 1, 0, 0},
                new SingleLayer(new LayerNorm.Builder().build(), 2, DataType.DOUBLE)
                        .layer
                        .params()
                        .toDoubleVector());
    }

    /** DL4J forgets the length of sequences on the way through a network, and asks again. */
    @Test
    void sizesThatAreNoLongerToldAreKept() {
        BatchNorm layer = new BatchNorm.Builder().axis(2).build();
        layer.setNIn(InputType.recurrent(3, 5), true);
        layer.setNIn(InputType.recurrent(3), true);
        assertArrayEquals(new long[] {-1, 3, 5}, layer.getInputShape());
        assertArrayEquals(new long[] {1, 5}, layer.parameters().get(0).sizes());
        layer.setNIn(InputType.recurrent(3, 4), true);
        assertArrayEquals(new long[] {-1, 3, 4}, layer.getInputShape());
        layer.setNIn(InputType.convolutional(4, 5, 3), true);
        assertArrayEquals(new long[] {-1, 3, 4, 5}, layer.getInputShape());
    }

    /** The vectors of one axis are rows, as DL4J's own are. */
    @ParameterizedTest
    @MethodSource("io.github.dl4jnorm.layer.Variants#perScenario")
    void parametersOfOneAxisAreRows(Variants variant, Scenario scenario) {
        long[] activations = scenario.activations();
        int axis = variant.name().contains("LAST_AXIS") ? activations.length - 1 : scenario.channelAxis();
        FeedForwardLayer layer = variant.layer.get();
        layer.setNIn(scenario == Scenario.FLAT ? Scenario.NCHW.inputType : scenario.inputType, true);
        for (Parameter parameter : ((NormLayer) layer).parameters()) {
            assertArrayEquals(new long[] {1, activations[axis]}, parameter.sizes());
        }
    }

    /** Of γ that counts from 1, the neutral value is 0. */
    @Test
    void unitOffsetStartsAtZero() {
        assertEquals(0, new RmsNorm.Builder().unitOffset(true).build().getGamma());
        assertEquals(
                1,
                new RmsNorm.Builder().unitOffset(true).unitOffset(false).build().getGamma());
        assertEquals(3, new RmsNorm.Builder().unitOffset(true).gamma(3).build().getGamma());
        SingleLayer offset =
                new SingleLayer(new RmsNorm.Builder().unitOffset(true).build(), 3, DataType.DOUBLE);
        SingleLayer plain = new SingleLayer(new RmsNorm.Builder().build(), 3, DataType.DOUBLE);
        assertArrayEquals(new double[] {0, 0, 0}, offset.layer.params().toDoubleVector());
        assertArrayEquals(new double[] {1, 1, 1}, plain.layer.params().toDoubleVector());
        INDArray x = Nd4j.rand(DataType.DOUBLE, 4, 3);
        INDArray dy = Nd4j.rand(DataType.DOUBLE, 4, 3);
        for (double gamma : new double[] {0, 0.75}) { // 1 + γ is exact
            offset.parameter("gamma").assign(gamma);
            plain.parameter("gamma").assign(1 + gamma);
            Expect.same(plain.forward(x, true), offset.forward(x, true));
            Expect.same(plain.backward(dy), offset.backward(dy));
            Expect.same(plain.gradient("gamma"), offset.gradient("gamma"));
        }
        SingleLayer locked = new SingleLayer(
                new RmsNorm.Builder().unitOffset(true).lockGamma(true).build(), 3, DataType.DOUBLE);
        plain.parameter("gamma").assign(1);
        Expect.same(plain.forward(x, true), locked.forward(x, true));
    }

    @Test
    void gammaHasTheShapeOfTheAxes() {
        for (CNN2DFormat format : CNN2DFormat.values()) {
            LayerNorm layer = new LayerNorm.Builder().axes(-1, 1).build();
            layer.setNIn(InputType.convolutional(4, 5, 3, format), true);
            long[] expected = format == CNN2DFormat.NCHW ? new long[] {3, 5} : new long[] {4, 3};
            assertArrayEquals(
                    expected,
                    new SingleLayer(layer, 3, DataType.FLOAT).parameter("gamma").shape());
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dl4jnorm.layer.Variants#perScenario")
    void memoryReport(Variants variant, Scenario scenario) {
        InputType type = scenario == Scenario.FLAT ? Scenario.NCHW.inputType : scenario.inputType;
        FeedForwardLayer layer = variant.layer.get();
        layer.setIUpdater(new Sgd(0.1));
        layer.setNIn(type, true);
        assertEquals(
                4 * layer.initializer().numParams(layer),
                layer.getMemoryReport(type)
                        .getMemoryBytes(
                                MemoryType.PARAMETERS, 7, MemoryUseMode.INFERENCE, CacheMode.NONE, DataType.FLOAT));
    }

    @Test
    void updaterStateInTheMemoryReport() {
        BatchNorm layer = new BatchNorm.Builder().updater(new Adam()).build();
        InputType type = InputType.feedForward(10);
        layer.setNIn(type, true);
        assertEquals(
                2 * 20 * 4,
                layer.getMemoryReport(type)
                        .getMemoryBytes(
                                MemoryType.UPDATER_STATE, 7, MemoryUseMode.TRAINING, CacheMode.NONE, DataType.FLOAT));
    }

    @ParameterizedTest
    @EnumSource(Variants.class)
    void nInReplaced(Variants variant) {
        MultiLayerNetwork original = Scenario.NCHW.network(DataType.FLOAT, variant.layer, true);
        int last = original.getnLayers() - 1;
        MultiLayerNetwork network = eightOutputs(original)
                .nInReplace(1, 8, WeightInit.XAVIER)
                .nInReplace(last, 8, WeightInit.XAVIER)
                .build();
        check(network, Scenario.NCHW);
    }

    /** Replaces the outputs of the first layer by 8. */
    private static TransferLearning.Builder eightOutputs(MultiLayerNetwork original) {
        return new TransferLearning.Builder(original)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Sgd(0.01))
                        .build())
                .nOutReplace(0, 8, WeightInit.XAVIER);
    }

    /** DL4J loses the length of time series when it edits, and the number of channels between NDHWC and dense layers. */
    static Stream<Arguments> editable() {
        return Variants.perScenario().filter(arguments -> {
            Scenario scenario = (Scenario) arguments.get()[1];
            boolean alongTime =
                    scenario == Scenario.NCW && arguments.get()[0].toString().contains("LAST_AXIS");
            return scenario != Scenario.NDHWC && !alongTime;
        });
    }

    /** Behind a layer with replaced outputs DL4J replaces the number of inputs, with or without parameters. */
    @ParameterizedTest
    @MethodSource("editable")
    void nOutReplacedBeforeTheLayer(Variants variant, Scenario scenario) {
        MultiLayerNetwork original = scenario.network(DataType.FLOAT, variant.layer, true);
        int last = original.getnLayers() - 1;
        MultiLayerNetwork network =
                eightOutputs(original).nInReplace(last, 8, WeightInit.XAVIER).build();
        check(network, scenario);

        ComputationGraph graph = scenario.graph(DataType.FLOAT, variant.layer, true);
        ComputationGraph edited = new TransferLearning.GraphBuilder(graph)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Sgd(0.01))
                        .build())
                .nOutReplace("layer0", 8, WeightInit.XAVIER)
                .nInReplace("layer" + last, 8, WeightInit.XAVIER)
                .build();
        DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
        edited.fit(data);
        assertEquals(8, ((FeedForwardLayer) edited.getLayer("layer1").conf().getLayer()).getNIn());
    }

    private static void check(MultiLayerNetwork network, Scenario scenario) {
        FeedForwardLayer layer = (FeedForwardLayer)
                network.getLayerWiseConfigurations().getConf(1).getLayer();
        assertEquals(8, layer.getNIn());
        assertEquals(8, layer.getNOut());
        DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
        INDArray activations = network.feedForward(data.getFeatures()).get(2);
        assertTrue(List.of(activations.size(1), activations.size(activations.rank() - 1))
                .contains(8L));
        network.fit(data);
    }
}
