package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Every layer, for every kind of input, first in a network and deeper: fit, output, and gradients of the input. */
class GradientsTest {
    private static final double STEP = 1e-6;

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Scenario scenario : Scenario.values()) {
            for (boolean deeper : new boolean[] {false, true}) {
                cases.add(Arguments.of(
                        "BatchNorm", (Supplier<Layer>) () -> BatchNorm.builder().build(), scenario, deeper));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0} {2} deeper={3}")
    @MethodSource("cases")
    void inputGradient(String name, Supplier<Layer> norm, Scenario scenario, boolean deeper) {
        MultiLayerNetwork network = scenario.network(DataType.DOUBLE, norm, deeper);
        INDArray x = scenario.features(DataType.DOUBLE, 1);
        INDArray labels = scenario.labels(DataType.DOUBLE);
        INDArray before = network.params().dup();
        Pair<Gradient, INDArray> gradients = network.calculateGradients(x, labels, null, null);
        assertEquals(before, network.params());
        INDArray dx = gradients.getSecond();
        for (long i = 0; i < x.length(); i++) {
            INDArray flat = x.reshape(x.length());
            double value = flat.getDouble(i);
            flat.putScalar(i, value + STEP);
            double plus = network.score(new DataSet(x, labels), true);
            flat.putScalar(i, value - STEP);
            double minus = network.score(new DataSet(x, labels), true);
            flat.putScalar(i, value);
            double numeric = (plus - minus) / (2 * STEP) * Scenario.BATCH;
            assertEquals(numeric, dx.dup('c').reshape(dx.length()).getDouble(i), 1e-7 + 1e-5 * Math.abs(numeric));
        }
        assertEquals(before, network.params());
    }

    @ParameterizedTest(name = "{0} {2} deeper={3}")
    @MethodSource("cases")
    void graphFitsAndAgreesWithNetwork(String name, Supplier<Layer> norm, Scenario scenario, boolean deeper) {
        MultiLayerNetwork network = scenario.network(DataType.FLOAT, norm, deeper);
        ComputationGraph graph = scenario.graph(DataType.FLOAT, norm, deeper);
        graph.setParams(network.params());
        DataSet data = new DataSet(scenario.features(DataType.FLOAT, 1), scenario.labels(DataType.FLOAT));
        double score = network.score(data);
        for (int i = 0; i < 3; i++) {
            network.fit(data);
            graph.fit(data);
        }
        assertFalse(network.score(data) >= score, "training should lower the loss");
        assertEquals(network.params(), graph.params());
        assertEquals(network.output(data.getFeatures()), graph.outputSingle(data.getFeatures()));
    }
}
