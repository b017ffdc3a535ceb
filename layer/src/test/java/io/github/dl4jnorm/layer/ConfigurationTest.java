package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
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
        assertEquals(List.of(), keys(new SumNorm.Builder().build()));
    }

    private static List<String> keys(FeedForwardLayer layer) {
        return layer.initializer().paramKeys(layer);
    }

    @Test
    void defaults() {
        BatchNorm batchNorm = BatchNorm.builder().build();
        assertEquals(0.9, batchNorm.getDecay());
        assertEquals(1e-5, batchNorm.getEps());
        assertEquals(1e-5, LayerNorm.builder().build().getEps());
        assertEquals(0, SumNorm.builder().build().getEps());
        SingleLayer layer = new SingleLayer(batchNorm, 2, DataType.DOUBLE);
        assertArrayEquals(
                new double[] {1, 1, 0, 0, 0, 0, 1, 1}, layer.layer.params().toDoubleVector());
        assertArrayEquals(new long[] {1, 2}, layer.parameter("gamma").shape());
    }

    @Test
    void initialGainAndBias() {
        SingleLayer layer = new SingleLayer(
                new LayerNorm.Builder().gamma(2).beta(0.5).build(), 2, DataType.DOUBLE);
        assertArrayEquals(new double[] {2, 2, 0.5, 0.5}, layer.layer.params().toDoubleVector());
        assertArrayEquals(
                new double[] {1, 1, 0, 0},
                new SingleLayer(new LayerNorm.Builder().build(), 2, DataType.DOUBLE)
                        .layer
                        .params()
                        .toDoubleVector());
    }

    @Test
    void gainHasTheShapeOfTheAxes() {
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
    @EnumSource(Scenario.class)
    void memoryReport(Scenario scenario) {
        InputType type = scenario == Scenario.FLAT ? InputType.convolutional(3, 4, 2) : scenario.inputType;
        for (Variants variant : Variants.values()) {
            FeedForwardLayer layer = variant.layer.get();
            layer.setIUpdater(new Sgd(0.1));
            layer.setNIn(type, true);
            assertEquals(
                    4 * layer.initializer().numParams(layer),
                    layer.getMemoryReport(type)
                            .getMemoryBytes(
                                    MemoryType.PARAMETERS, 7, MemoryUseMode.INFERENCE, CacheMode.NONE, DataType.FLOAT));
        }
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
    @EnumSource(names = {"BATCH_NORM", "BATCH_NORM_FIXED", "LAYER_NORM", "LAYER_NORM_WITHOUT_BIAS"})
    void nInReplaced(Variants variant) {
        MultiLayerNetwork original = Scenario.NCHW.network(DataType.FLOAT, variant.layer, true);
        int last = original.getnLayers() - 1;
        MultiLayerNetwork network = new TransferLearning.Builder(original)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Sgd(0.01))
                        .build())
                .nOutReplace(0, 6, WeightInit.XAVIER)
                .nInReplace(1, 6, WeightInit.XAVIER)
                .nInReplace(last, 6, WeightInit.XAVIER)
                .build();
        check(network, Scenario.NCHW);
    }

    /** Behind a layer with replaced outputs DL4J replaces the number of inputs, with or without parameters. */
    @ParameterizedTest
    @EnumSource(Variants.class)
    void nOutReplacedBeforeTheLayer(Variants variant) {
        for (Scenario scenario : List.of(Scenario.FEED_FORWARD, Scenario.NCHW, Scenario.NHWC)) {
            MultiLayerNetwork original = scenario.network(DataType.FLOAT, variant.layer, true);
            int last = original.getnLayers() - 1;
            MultiLayerNetwork network = new TransferLearning.Builder(original)
                    .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                            .updater(new Sgd(0.01))
                            .build())
                    .nOutReplace(0, 6, WeightInit.XAVIER)
                    .nInReplace(last, 6, WeightInit.XAVIER)
                    .build();
            check(network, scenario);

            ComputationGraph graph = scenario.graph(DataType.FLOAT, variant.layer, true);
            ComputationGraph edited = new TransferLearning.GraphBuilder(graph)
                    .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                            .updater(new Sgd(0.01))
                            .build())
                    .nOutReplace("layer0", 6, WeightInit.XAVIER)
                    .nInReplace("layer" + last, 6, WeightInit.XAVIER)
                    .build();
            DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
            edited.fit(data);
            assertEquals(6, ((FeedForwardLayer) edited.getLayer("layer1").conf().getLayer()).getNIn());
        }
    }

    private static void check(MultiLayerNetwork network, Scenario scenario) {
        FeedForwardLayer layer = (FeedForwardLayer)
                network.getLayerWiseConfigurations().getConf(1).getLayer();
        assertEquals(6, layer.getNIn());
        assertEquals(6, layer.getNOut());
        DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
        INDArray activations = network.feedForward(data.getFeatures()).get(2);
        assertTrue(List.of(activations.size(1), activations.size(activations.rank() - 1))
                .contains(6L));
        network.fit(data);
    }
}
