package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.report.ImportReport;
import io.github.dl4jnorm.keras.report.Status;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kinds of models that people save: as Keras computes them, and saved and restored by DL4J. */
class PeoplesModelsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "activations",
                "activations_of_convolutions",
                "arithmetic",
                "broadcasting",
                "compiled",
                "convnext",
                "densenet",
                "efficientnet",
                "mobilenet",
                "mobilenet_v2",
                "mobilenet_v3_minimalistic",
                "mobilenet_v3_small",
                "nested_base",
                "nested_chain",
                "nested_inputs",
                "nested_residual",
                "preprocessing",
                "preprocessing_sequence",
                "resnet_v2",
                "xception"
            })
    void asGraphs(String name) throws Exception {
        ComputationGraph graph =
                KerasNormImport.importKerasModelAndWeights(ModelFiles.path(name).toString());
        assertEqual(name, graph.outputSingle(ModelFiles.input(name)));
        File zip = directory.resolve("graph.zip").toFile();
        graph.save(zip, false);
        ComputationGraph restored = ComputationGraph.load(zip, false);
        assertEquals(graph.getConfiguration(), restored.getConfiguration());
        assertEquals(graph.outputSingle(ModelFiles.input(name)), restored.outputSingle(ModelFiles.input(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nested_chain", "preprocessing_sequence"})
    void asSequences(String name) throws Exception {
        MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(
                ModelFiles.path(name).toString());
        assertEqual(name, network.output(ModelFiles.input(name)));
        File zip = directory.resolve("network.zip").toFile();
        network.save(zip, false);
        MultiLayerNetwork restored = MultiLayerNetwork.load(zip, false);
        assertEquals(network.getLayerWiseConfigurations(), restored.getLayerWiseConfigurations());
        assertEquals(network.output(ModelFiles.input(name)), restored.output(ModelFiles.input(name)));
    }

    private static void assertEqual(String name, INDArray actual) throws Exception {
        Tensor expected = ModelFiles.output(name);
        assertEquals(expected.data().length, actual.length());
        double largest = expected.max();
        assertTrue(largest > 0);
        assertArrayEquals(expected.data(), Tensor.from(actual).data(), 1e-5 * largest);
    }

    @Test
    void aChainWithABranchInsideIsNoSequence() {
        assertRefused(
                "importKerasModelAndWeights",
                () -> KerasNormImport.importKerasSequentialModelAndWeights(
                        ModelFiles.path("nested_residual").toString()));
    }

    @Test
    void aModelUsedTwice() {
        assertRefused(
                "\"residual\" is used twice",
                () -> KerasNormImport.importKerasModelAndWeights(
                        ModelFiles.path("nested_twice").toString()));
    }

    private static void assertRefused(String part, Executable run) {
        String message =
                assertThrows(UnsupportedKerasConfigurationException.class, run).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void innerLayersAreNamedAfterTheirModels() throws Exception {
        MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(
                ModelFiles.path("nested_chain").toString());
        assertTrue(network.getLayerNames()
                .containsAll(List.of("inner_dense", "inner_dense_1", "inner_innermost_dense", "dense")));
    }

    @Test
    void theReportSaysWhatWasLeftOut() throws Exception {
        ImportReport report =
                new KerasImporter(ModelFiles.path("compiled")).importGraph().report();
        List<String> leftOut = report.entries().stream()
                .filter(entry -> entry.status() == Status.LEFT_OUT)
                .map(entry -> entry.layer() + " " + entry.text().split(":")[0])
                .toList();
        for (String expected : List.of(
                "dense kernel_regularizer",
                "dense bias_regularizer",
                "dense activity_regularizer",
                "dense kernel_constraint",
                "activity_regularization it matters in training only")) {
            assertTrue(leftOut.contains(expected), expected + " in " + leftOut);
        }
    }
}
