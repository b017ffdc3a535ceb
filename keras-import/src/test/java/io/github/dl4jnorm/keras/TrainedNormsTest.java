package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Imported models train on as in Keras: after five steps γ, β and the running statistics are those of Keras 3.15.1 on JAX,
 * in files of norms.py.
 */
class TrainedNormsTest {
    private static final int STEPS = 5;
    private static final double TOLERANCE = 1e-5;

    private static final Map<String, String> PARAMETERS =
            Map.of("gamma", "gamma", "beta", "beta", "scale", "gamma", "moving_mean", "mean", "moving_variance", "var");

    @ParameterizedTest
    @CsvSource({"trained_images, 7", "trained_sequences, 9"})
    void fiveSteps(String name, int weights) throws Exception {
        String file = Path.of("src/test/resources/keras/norms", name + ".h5").toString();
        MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights(file, true);
        try (Hdf5Archive archive = new Hdf5Archive(file)) {
            INDArray x = archive.readDataSet("input", "expected");
            DataSet data = new DataSet(x, archive.readDataSet("targets", "expected"));
            assertClose(name, archive.readDataSet("output0", "expected"), network.output(x));
            for (int step = 0; step < STEPS; step++) {
                network.fit(data);
            }
            int compared = 0;
            for (String weight : archive.getDataSets("expected", "trained")) {
                String[] parts = weight.split("\\.");
                Layer layer = network.getLayer(parts[0]);
                INDArray parameter = layer.getParam(PARAMETERS.get(parts[1]));
                assertClose(weight, archive.readDataSet(weight, "expected", "trained"), parameter);
                compared += 1;
            }
            assertEquals(weights, compared);
            assertClose(name, archive.readDataSet("trained_output", "expected"), network.output(x));
        }
    }

    private static void assertClose(String what, INDArray expected, INDArray actual) {
        double[] right = expected.dup('c').reshape(expected.length()).toDoubleVector();
        double[] ours = actual.dup('c').reshape(actual.length()).toDoubleVector();
        assertEquals(right.length, ours.length, what);
        double largest = 1;
        for (double value : right) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < right.length; i++) {
            assertEquals(right[i], ours[i], TOLERANCE * largest, what + " [" + i + "]");
        }
    }
}
