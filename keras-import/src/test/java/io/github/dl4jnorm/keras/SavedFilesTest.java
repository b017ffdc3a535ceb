package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/** Models in all the ways in which Keras 3.15.1 saves them, by files.py, with its own output for an input. */
class SavedFilesTest {
    private static final Path FILES = Path.of("src/test/resources/keras/files");

    static String file(String name) {
        return FILES.resolve(name).toString();
    }

    private static INDArray expected(String model, String name) throws UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(file(model + ".h5"))) {
            return archive.readDataSet(name, "expected");
        }
    }

    private static void assertKerasOutput(String model, INDArray output) throws UnsupportedKerasConfigurationException {
        Expect.close(Tensor.from(expected(model, "output")), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chain.h5", "chain.keras", "unnamed.keras", "recurrent.h5", "recurrent.keras"})
    void sequential(String name) throws Exception {
        String model = name.startsWith("recurrent") ? "recurrent" : "chain";
        INDArray input = expected(model, "input");
        assertKerasOutput(
                model,
                KerasNormImport.importKerasSequentialModelAndWeights(file(name), false)
                        .output(input));
        assertKerasOutput(
                model,
                KerasNormImport.importKerasModelAndWeights(file(name), false).outputSingle(input));
    }

    @ParameterizedTest
    @ValueSource(strings = {"convolutions.h5", "convolutions.keras", "text.h5", "text.keras"})
    void functional(String name) throws Exception {
        String model = name.substring(0, name.indexOf('.'));
        assertKerasOutput(
                model,
                KerasNormImport.importKerasModelAndWeights(file(name), false).outputSingle(expected(model, "input")));
    }

    @Test
    void modelAndWeightsInTwoFiles() throws Exception {
        INDArray input = expected("chain", "input");
        for (String weights : List.of("chain.weights.h5", "chain-weights.h5", "chain.h5")) {
            assertKerasOutput(
                    "chain",
                    KerasNormImport.importKerasSequentialModelAndWeights(file("chain.json"), file(weights))
                            .output(input));
            assertKerasOutput(
                    "chain",
                    KerasNormImport.importKerasModelAndWeights(file("chain.json"), file(weights))
                            .outputSingle(input));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "text.h5, /model_weights/embedding",
        "recurrent.h5, /model_weights/batch_normalization_1",
        "nested.h5, /model_weights/inner"
    })
    void weightsOfAnotherModel(String weights, String group) {
        Throwable thrown = assertThrows(
                InvalidKerasConfigurationException.class,
                () -> KerasNormImport.importKerasSequentialModelAndWeights(file("chain.json"), file(weights)));
        assertEquals(group + ": expected weights of the model's layers, got those of another", thrown.getMessage());
    }

    @Test
    void configurationOnly() throws Exception {
        MultiLayerConfiguration network = KerasNormImport.importKerasSequentialModelAndWeights(file("chain.h5"), false)
                .getLayerWiseConfigurations();
        ComputationGraphConfiguration graph = KerasNormImport.importKerasModelAndWeights(file("chain.h5"), false)
                .getConfiguration();
        for (String name : List.of("chain.json", "chain.keras", "chain.h5")) {
            MultiLayerConfiguration sequential = KerasNormImport.importKerasSequentialConfiguration(file(name));
            assertEquals(layers(network.getConfs()), layers(sequential.getConfs()));
            assertEquals(network.getInputPreProcessors(), sequential.getInputPreProcessors());
            ComputationGraphConfiguration functional = KerasNormImport.importKerasModelConfiguration(file(name));
            assertEquals(graph.getVertexInputs(), functional.getVertexInputs());
            assertEquals(layers(graph), layers(functional));
        }
    }

    private static List<Layer> layers(List<NeuralNetConfiguration> network) {
        return network.stream().map(NeuralNetConfiguration::getLayer).toList();
    }

    private static List<Layer> layers(ComputationGraphConfiguration graph) {
        return graph.getVertices().values().stream()
                .filter(LayerVertex.class::isInstance)
                .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer())
                .toList();
    }

    @Test
    void trainingConfiguration() throws Exception {
        for (String name : List.of("chain.h5", "chain.keras")) {
            MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(file(name), true);
            BaseLayer layer = (BaseLayer) network.getLayer(0).conf().getLayer();
            assertEquals(0.02, assertInstanceOf(Adam.class, layer.getIUpdater()).getLearningRate(), 1e-8);
            assertInstanceOf(LossLayer.class, network.getOutputLayer().conf().getLayer());
        }
    }

    private static Set<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("keras"))
                    .collect(Collectors.toSet());
        }
    }

    /** In a stream, a .keras file is copied twice. */
    @Test
    void streamsFromSeveralThreadsLeaveNoFile() throws Exception {
        INDArray input = expected("chain", "input");
        Set<Path> before = temporaryFiles();
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<INDArray>> outputs = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                String name = i % 3 == 0 ? "chain.h5" : i % 3 == 1 ? "chain.keras" : "unnamed.keras";
                outputs.add(threads.submit(() -> {
                    try (InputStream stream = Files.newInputStream(FILES.resolve(name))) {
                        return KerasNormImport.importKerasSequentialModelAndWeights(stream, false)
                                .output(input);
                    }
                }));
            }
            for (Future<INDArray> output : outputs) {
                assertKerasOutput("chain", output.get());
            }
        } finally {
            threads.shutdown();
        }
        Set<Path> after = temporaryFiles();
        after.removeAll(before);
        // Those of other processes go away.
        for (int i = 0; i < 50 && !after.isEmpty(); i++) {
            Thread.sleep(100);
            after.removeIf(Files::notExists);
        }
        assertEquals(Set.of(), after);
    }
}
