package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Files that Keras 3.15.1 wrote, by make_files.py next to them, each with an input and Keras' own output for it. */
class KerasFilesTest {
    private static final String FILES = "src/test/resources/keras/";
    private static final float TOLERANCE = 1e-5f;

    @Test
    void sequential() throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        String file = Path.of(FILES, "keras3-sequential.h5").toString();
        INDArray output =
                KerasNormImport.importKerasSequentialModelAndWeights(file).output(expected(file, "input"));
        assertArrayEquals(
                expected(file, "output").data().asFloat(),
                output.dup('c').data().asFloat(),
                TOLERANCE);
    }

    @Test
    void functional() throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        String file = Path.of(FILES, "keras3-functional.h5").toString();
        INDArray output = KerasNormImport.importKerasModelAndWeights(file).outputSingle(expected(file, "input"));
        assertArrayEquals(
                expected(file, "output").data().asFloat(),
                output.dup('c').data().asFloat(),
                TOLERANCE);
    }

    private static INDArray expected(String file, String name) throws UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(file)) {
            return archive.readDataSet(name, "expected");
        }
    }
}
