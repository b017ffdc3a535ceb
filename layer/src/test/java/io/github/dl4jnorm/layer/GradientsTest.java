package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Every layer, for every kind of input, first in a network and deeper: gradients, training and output. */
class GradientsTest {

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#everywhere")
    void gradientsAgreeWithDifferences(Variants norm, Scenario scenario, boolean deeper) {
        MultiLayerNetwork network = scenario.network(DataType.DOUBLE, norm.layer, deeper);
        INDArray x = scenario.features(DataType.DOUBLE, 1);
        INDArray labels = scenario.labels(DataType.DOUBLE);
        Pair<Gradient, INDArray> gradients = network.calculateGradients(x, labels, null, null);
        INDArray ofParameters = network.getFlattenedGradients().dup();
        Differences.assertGradient(
                gradients.getSecond(), x, () -> Scenario.BATCH * network.score(new DataSet(x, labels), true));
        Differences.assertGradient(
                ofParameters, network.params(), () -> Scenario.BATCH * network.score(new DataSet(x, labels), true));
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("io.github.dl4jnorm.layer.Variants#everywhere")
    void graphTrainsAsNetworkDoes(Variants norm, Scenario scenario, boolean deeper) {
        MultiLayerNetwork network = scenario.network(DataType.FLOAT, norm.layer, deeper);
        ComputationGraph graph = scenario.graph(DataType.FLOAT, norm.layer, deeper);
        graph.setParams(network.params());
        DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
        double before = network.score(data, true);
        for (int i = 0; i < 3; i++) {
            network.fit(data);
            graph.fit(data);
        }
        assertTrue(network.score(data, true) < before);
        Expect.same(network.params(), graph.params());
        Expect.same(network.output(data.getFeatures()), graph.outputSingle(data.getFeatures()));
    }
}
