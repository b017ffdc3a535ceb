package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.keras.report.ImportReport;
import io.github.dl4jnorm.keras.report.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;

/** Files that Keras 3.15.1 wrote, by norms.py: every normalization, compared with what Keras computes. */
class NormFilesTest {
    private static final String FILES = "src/test/resources/keras/norms/";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rank2_functional",
                "rank3_functional",
                "rank4_functional",
                "rank5_functional",
                "sequences",
                "epsilon_zero"
            })
    void functional(String name) throws Exception {
        String file = file(name);
        INDArray[] outputs = KerasNormImport.importKerasModelAndWeights(file).output(expected(file, "input"));
        for (int i = 0; i < outputs.length; i++) {
            Expect.close(Tensor.from(expected(file, "output" + i)), outputs[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rank4_sequential", "sequences_time", "pooled", "distributed", "penalties"})
    void sequential(String name) throws Exception {
        String file = file(name);
        assertBoth(file, expected(file, "output0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dense_features", "dense_time", "dense_unit_time", "dense_groups"})
    void behindDenseOnSequences(String name) throws Exception {
        String file = file(name);
        assertBoth(file, expected(file, "output0"));
    }

    @Test
    void whatIsNotImportedIsWrittenDown() throws Exception {
        assertEquals(
                List.of(
                        "beta_constraint: it matters in training only",
                        "gamma_constraint: it matters in training only",
                        "gamma_regularizer: it matters in training only"),
                texts("penalties", Status.LEFT_OUT));
        String zero = "epsilon = 0 becomes 1.2e-38: where Keras divides 0 by 0, this makes 0";
        assertEquals(List.of(zero, zero, zero), texts("epsilon_zero", Status.REPAIRED));
    }

    private static List<String> texts(String name, Status status) throws Exception {
        return new KerasImporter(Path.of(file(name)))
                .importGraph().report().entries().stream()
                        .filter(entry -> entry.status() == status)
                        .map(ImportReport.Entry::text)
                        .toList();
    }

    /** DL4J's l2 is twice Keras'. */
    @Test
    void penalties() throws Exception {
        ComputationGraph graph = KerasNormImport.importKerasModelAndWeights(file("penalties"));
        assertEquals(List.of(0.0, 2.0, 2.0, 0.0), penalties(graph, 0));
        assertEquals(List.of(0.5, 2.0, 0.0, 0.0), penalties(graph, 1));
        assertEquals(List.of(0.0, 0.0, 1.0, 1.0), penalties(graph, 2));
        assertNull(((BaseLayer) graph.getLayer(3).conf().getLayer()).getRegularizationByParam("gamma"));
    }

    /** L1 and L2 of gamma, then of beta. */
    private static List<Double> penalties(ComputationGraph graph, int layer) {
        BaseLayer conf = (BaseLayer) graph.getLayer(layer).conf().getLayer();
        return Stream.of("gamma", "beta")
                .flatMap(name -> Stream.of(
                        conf.getRegularizationByParam(name).stream()
                                .filter(L1Regularization.class::isInstance)
                                .mapToDouble(each ->
                                        ((L1Regularization) each).getL1().valueAt(0, 0))
                                .sum(),
                        conf.getRegularizationByParam(name).stream()
                                .filter(L2Regularization.class::isInstance)
                                .mapToDouble(each ->
                                        ((L2Regularization) each).getL2().valueAt(0, 0))
                                .sum()))
                .toList();
    }

    private static void assertBoth(String file, INDArray output) throws Exception {
        INDArray input = expected(file, "input");
        Expect.close(
                Tensor.from(output),
                KerasNormImport.importKerasSequentialModelAndWeights(file).output(input));
        Expect.close(
                Tensor.from(output),
                KerasNormImport.importKerasModelAndWeights(file).outputSingle(input));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            shared          | BatchNormalization "shared": used twice, and DL4J has no shared weights; give each use a layer of its own
            rms_scaling     | LayerNormalization "norm": rms_scaling = true is not supported: it divides by √(variance + ε) without subtracting the mean, which is no RMSNorm; RMSNormalization can be imported
            """)
    void refused(String name, String message) {
        UnsupportedKerasConfigurationException thrown = assertThrows(
                UnsupportedKerasConfigurationException.class,
                () -> KerasNormImport.importKerasModelAndWeights(file(name)));
        assertEquals("Keras " + message, thrown.getMessage().replaceFirst("\\. (For more|Please file).*", ""));
    }

    private static String file(String name) {
        return Path.of(FILES, name + ".h5").toString();
    }

    private static INDArray expected(String file, String name) throws Exception {
        try (Hdf5Archive archive = new Hdf5Archive(file)) {
            return archive.readDataSet(name, "expected");
        }
    }
}
