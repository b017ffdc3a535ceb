package io.github.dl4jnorm.keras;

import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Files that models.py wrote with Keras, with what Keras computes for them. */
final class ModelFiles {
    private static final String GROUP = "expected";

    private ModelFiles() {}

    static Path path(String name) {
        return Path.of("src/test/resources/keras/models", name + ".h5");
    }

    static INDArray input(String name) throws UnsupportedKerasConfigurationException {
        return expected(name, "input");
    }

    static Tensor output(String name) throws UnsupportedKerasConfigurationException {
        return Tensor.from(expected(name, "output"));
    }

    static INDArray expected(String name, String array, String... groups)
            throws UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = new Hdf5Archive(path(name).toString())) {
            return archive.readDataSet(array, within(groups));
        }
    }

    static List<String> arrays(String name, String... groups) {
        try (Hdf5Archive archive = new Hdf5Archive(path(name).toString())) {
            return archive.getDataSets(within(groups));
        }
    }

    static List<String> groups(String name, String... groups) {
        try (Hdf5Archive archive = new Hdf5Archive(path(name).toString())) {
            return archive.getGroups(within(groups));
        }
    }

    private static String[] within(String... groups) {
        String[] all = new String[groups.length + 1];
        all[0] = GROUP;
        System.arraycopy(groups, 0, all, 1, groups.length);
        return all;
    }
}
