package io.github.dl4jnorm.keras;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Files that Keras 3.15.1 wrote, by src/test/keras/layers.py, each with an input and Keras' own output for it. */
class KerasFilesTest {
    private static final String FILES = "src/test/resources/keras/";

    @ParameterizedTest
    @ValueSource(strings = {"keras3-sequential.h5", "keras3-text.h5"})
    void sequential(String name)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        String file = Path.of(FILES, name).toString();
        INDArray output =
                KerasNormImport.importKerasSequentialModelAndWeights(file).output(expected(file, "input"));
        Expect.close(Tensor.from(expected(file, "output")), output);
    }

    @Test
    void functional() throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        String file = Path.of(FILES, "keras3-functional.h5").toString();
        INDArray output = KerasNormImport.importKerasModelAndWeights(file).outputSingle(expected(file, "input"));
        Expect.close(Tensor.from(expected(file, "output")), output);
    }

    private static INDArray expected(String file, String name) throws UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(file)) {
            return archive.readDataSet(name, "expected");
        }
    }
}
