package io.github.dl4jnorm.layer;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Frozen layers run in inference mode, pass the gradient of inference mode, and do not move. */
class FrozenTest {

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#everywhere")
    void frozenLayerPassesTheGradientOfInference(Variants norm, Scenario scenario, boolean deeper) {
        Supplier<Layer> frozen = () -> new FrozenLayerWithBackprop(norm.layer.get());
        MultiLayerNetwork network = scenario.network(DataType.DOUBLE, frozen, deeper);
        giveRunningStatistics(network.getLayer(deeper ? 1 : 0).paramTable());
        INDArray x = scenario.features(DataType.DOUBLE, 1);
        INDArray labels = scenario.labels(DataType.DOUBLE);
        INDArray dx = network.calculateGradients(x, labels, null, null).getSecond();
        Differences.assertGradient(dx, x, () -> Scenario.BATCH * network.score(new DataSet(x, labels), true));
    }

    @ParameterizedTest
    @EnumSource(Variants.class)
    void frozenLayerDoesNotMove(Variants norm) {
        Scenario scenario = Scenario.NCHW;
        Supplier<Layer> frozen = () -> new FrozenLayerWithBackprop(norm.layer.get());
        DataSet data = new DataSet(scenario.features(DataType.DOUBLE, 1), scenario.labels(DataType.DOUBLE));
        List<Layer> layers = scenario.layers(frozen, true);
        MultiLayerNetwork network =
                scenario.network(Scenario.base(DataType.DOUBLE, new Sgd(0.1)).l2(0.1), layers);
        ComputationGraph graph =
                scenario.graph(Scenario.base(DataType.DOUBLE, new Sgd(0.1)).l2(0.1), scenario.layers(frozen, true));
        giveRunningStatistics(network.getLayer(1).paramTable());
        graph.setParams(network.params());
        INDArray before = flat(network.getLayer(1).params());
        for (int i = 0; i < 3; i++) {
            network.fit(data);
            graph.fit(data);
        }
        Expect.same(before, flat(network.getLayer(1).params()));
        Expect.same(before, flat(graph.getLayer(1).params()));
        Expect.same(network.params(), graph.params());
    }

    @ParameterizedTest
    @EnumSource(Variants.class)
    void featureExtractorDoesNotMove(Variants norm) {
        Scenario scenario = Scenario.NCHW;
        DataSet data = new DataSet(scenario.features(DataType.DOUBLE, 1), scenario.labels(DataType.DOUBLE));
        MultiLayerNetwork original = scenario.network(DataType.DOUBLE, norm.layer, true);
        original.fit(data);
        MultiLayerNetwork network =
                new TransferLearning.Builder(original).setFeatureExtractor(1).build();
        INDArray before = flat(network.getLayer(1).params());
        INDArray extracted = original.feedForward(data.getFeatures()).get(2);
        network.fit(data);
        network.fit(data);
        Expect.same(before, flat(network.getLayer(1).params()));
        Expect.same(extracted, network.feedForward(data.getFeatures()).get(2));
    }

    private static INDArray flat(INDArray params) {
        return params == null ? Nd4j.zeros(DataType.DOUBLE, 1) : params.dup();
    }

    private static void giveRunningStatistics(Map<String, INDArray> parameters) {
        if (parameters.containsKey(BatchNorm.MEAN)) {
            parameters.get(BatchNorm.MEAN).assign(0.7);
            parameters.get(BatchNorm.VARIANCE).assign(0.3);
        }
    }
}
