package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

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
    @ValueSource(
            strings = {"rank2_sequential", "rank4_sequential", "sequences_time", "pooled", "distributed", "penalties"})
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
