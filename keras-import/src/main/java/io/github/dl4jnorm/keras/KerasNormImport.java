package io.github.dl4jnorm.keras;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * DL4J's Keras import with the normalization layers of this library: a drop-in for DL4J's {@code KerasModelImport},
 * with methods of the same names.
 *
 * <pre>{@code
 * MultiLayerNetwork network = KerasNormImport.importKerasSequentialModelAndWeights("sequential.h5");
 * ComputationGraph graph = KerasNormImport.importKerasModelAndWeights("functional.h5");
 * }</pre>
 *
 * <table>
 * <caption>What becomes of Keras' layers</caption>
 * <tr><th>Keras</th><th>DL4J</th></tr>
 * <tr><td>{@code BatchNormalization}, any one axis</td><td>{@link io.github.dl4jnorm.layer.BatchNorm}</td></tr>
 * <tr><td>{@code LayerNormalization}, any axes</td><td>{@link io.github.dl4jnorm.layer.LayerNorm}</td></tr>
 * <tr><td>{@code UnitNormalization} over all axes, in graphs</td><td>DL4J's {@code L2NormalizeVertex}</td></tr>
 * <tr><td>all others</td><td>as DL4J imports them</td></tr>
 * </table>
 *
 * <p>Files are H5 with configuration and weights, as {@code model.save("model.h5")} writes them in Keras 1, 2 and 3.
 * The activations keep Keras' layout: images go in as [N, H, W, C] if the model has its channels last.
 *
 * <p>All methods may be used from several threads. Nothing is changed for other users of DL4J's importer.
 */
public final class KerasNormImport {
    private KerasNormImport() {}

    /**
     * Imports a sequential model for inference, however it was compiled.
     *
     * @param file path of an H5 file
     * @return a network with the file's weights
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if the model is not sequential, or there is no DL4J layer that does
     *     the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(String file)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasSequentialModelAndWeights(file, false);
    }

    /**
     * Imports a sequential model.
     *
     * @param file path of an H5 file
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a network with the file's weights
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if the model is not sequential, or there is no DL4J layer that does
     *     the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(String file, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasSequentialModelAndWeights(file, null, enforceTrainingConfig);
    }

    /**
     * Imports a sequential model.
     *
     * @param file path of an H5 file
     * @param inputShape shape of the input without the batch, or null for that of the file
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a network with the file's weights
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if the model is not sequential, or there is no DL4J layer that does
     *     the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(
            String file, int[] inputShape, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return new KerasImporter(Path.of(file))
                .inputShape(inputShape)
                .trainingConfiguration(enforceTrainingConfig)
                .importSequential()
                .network();
    }

    /**
     * Imports a sequential model.
     *
     * @param stream an H5 file; read to its end and not closed
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a network with the file's weights
     * @throws IOException if the stream cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if the model is not sequential, or there is no DL4J layer that does
     *     the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(
            InputStream stream, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        Path file = copy(stream);
        try {
            return importKerasSequentialModelAndWeights(file.toString(), enforceTrainingConfig);
        } finally {
            delete(file.toFile());
        }
    }

    /**
     * Imports a functional or sequential model for inference, however it was compiled.
     *
     * @param file path of an H5 file
     * @return a graph with the file's weights
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does the same
     */
    public static ComputationGraph importKerasModelAndWeights(String file)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasModelAndWeights(file, false);
    }

    /**
     * Imports a functional or sequential model.
     *
     * @param file path of an H5 file
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a graph with the file's weights
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does the same
     */
    public static ComputationGraph importKerasModelAndWeights(String file, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasModelAndWeights(file, null, enforceTrainingConfig);
    }

    /**
     * Imports a functional or sequential model.
     *
     * @param file path of an H5 file
     * @param inputShape shape of the input without the batch, or null for that of the file
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a graph with the file's weights
     * @throws IOException if the file cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does the same
     */
    public static ComputationGraph importKerasModelAndWeights(
            String file, int[] inputShape, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return new KerasImporter(Path.of(file))
                .inputShape(inputShape)
                .trainingConfiguration(enforceTrainingConfig)
                .importGraph()
                .network();
    }

    /**
     * Imports a functional or sequential model.
     *
     * @param stream an H5 file; read to its end and not closed
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a graph with the file's weights
     * @throws IOException if the stream cannot be read
     * @throws InvalidKerasConfigurationException if the file is not a Keras model in HDF5 or damaged, or weights are
     *     missing or of a wrong size
     * @throws UnsupportedKerasConfigurationException if there is no DL4J layer that does the same
     */
    public static ComputationGraph importKerasModelAndWeights(InputStream stream, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        Path file = copy(stream);
        try {
            return importKerasModelAndWeights(file.toString(), enforceTrainingConfig);
        } finally {
            delete(file.toFile());
        }
    }

    private static Path copy(InputStream stream) throws IOException {
        Path file = Files.createTempFile("keras", ".h5");
        Files.copy(stream, file, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }

    // On Windows, files that the HDF5 library still holds cannot be deleted yet.
    private static void delete(File file) {
        if (!file.delete()) {
            file.deleteOnExit();
        }
    }
}
