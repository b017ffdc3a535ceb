package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** A file of Keras' with inputs and Keras' own outputs for them under /expected. */
record H5Example(Path file) {
    private static final double TOLERANCE = 1e-5;

    /** Imports it in each way that there is, and compares the outputs. */
    void assertEqual() throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        INDArray[] inputs = arrays("input");
        if (isSequential()) {
            assertEqual(new KerasImporter(file).importSequential().network().output(inputs[0].dup()));
        }
        assertEqual(new KerasImporter(file).importGraph().network().output(inputs));
    }

    private void assertEqual(INDArray... actual) throws UnsupportedKerasConfigurationException {
        INDArray[] expected = arrays("output");
        assertTrue(expected.length > 0, "no expected output");
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i].shape(), actual[i].shape());
            double[] values = Tensor.from(expected[i]).data();
            double largest = 0;
            for (double value : values) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertArrayEquals(values, Tensor.from(actual[i]).data(), TOLERANCE * largest, file.toString());
        }
    }

    /** The arrays of that name: name, or name0, name1 or name_0, name_1 and so on. */
    private INDArray[] arrays(String name) throws UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(file.toString())) {
            List<String> names = archive.getDataSets("expected");
            List<INDArray> arrays = new ArrayList<>();
            for (String each : names.stream().sorted().toList()) {
                if (each.matches(name + "(_?\\d+)?")) {
                    arrays.add(archive.readDataSet(each, "expected"));
                }
            }
            return arrays.toArray(INDArray[]::new);
        }
    }

    private boolean isSequential() throws IOException, UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(file.toString())) {
            Map<?, ?> model = new ObjectMapper().readValue(archive.readAttributeAsJson("model_config"), Map.class);
            return "Sequential".equals(model.get("class_name"));
        }
    }
}
