package io.github.dl4jnorm.keras;

import io.github.dl4jnorm.keras.internal.file.TempFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * DL4J's Keras import with the normalization layers of this library: a drop-in for DL4J's {@code KerasModelImport},
 * with methods of the same names. {@link KerasImporter} has what these methods have no arguments for: the shape of the
 * input, leniency, a report.
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
 * <tr><td>{@code GroupNormalization}, any one axis</td><td>{@link io.github.dl4jnorm.layer.GroupNorm}</td></tr>
 * <tr><td>{@code RMSNormalization}, the last axes</td><td>{@link io.github.dl4jnorm.layer.RmsNorm}</td></tr>
 * <tr><td>{@code UnitNormalization}, any axes</td><td>{@link io.github.dl4jnorm.layer.UnitNorm}</td></tr>
 * <tr><td>all others</td><td>as DL4J imports them, mended where they are known to differ, or refused</td></tr>
 * </table>
 *
 * <p>Files are H5 or {@code .keras} with configuration and weights, as {@code model.save("model.h5")} and
 * {@code model.save("model.keras")} write them in Keras 1, 2 and 3; or JSON with weights in a file of their own.
 * The activations keep Keras' layout: images go in as [N, H, W, C] if the model has its channels last.
 *
 * <p>All methods may be used from several threads. Nothing is changed for other users of DL4J's importer.
 */
public final class KerasNormImport {
    private KerasNormImport() {}

    private static KerasImporter importer(String file, boolean enforceTrainingConfig) {
        return new KerasImporter(Path.of(file)).trainingConfiguration(enforceTrainingConfig);
    }

    /**
     * Imports a sequential model for inference, however it was compiled.
     *
     * @param file path of an H5 or {@code .keras} file
     * @return a network with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(String file)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasSequentialModelAndWeights(file, false);
    }

    /**
     * Imports a sequential model.
     *
     * @param file path of an H5 or {@code .keras} file
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a network with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(String file, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importer(file, enforceTrainingConfig).importSequential().network();
    }

    /**
     * Imports a sequential model.
     *
     * @param stream an H5 or {@code .keras} file; read to its end and not closed
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a network with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(
            InputStream stream, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        try (TempFile file = new TempFile(stream, Long.MAX_VALUE)) {
            return importKerasSequentialModelAndWeights(file.path().toString(), enforceTrainingConfig);
        }
    }

    /**
     * Imports a functional or sequential model for inference, however it was compiled.
     *
     * @param file path of an H5 or {@code .keras} file
     * @return a graph with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraph importKerasModelAndWeights(String file)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasModelAndWeights(file, false);
    }

    /**
     * Imports a functional or sequential model.
     *
     * @param file path of an H5 or {@code .keras} file
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a graph with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraph importKerasModelAndWeights(String file, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importer(file, enforceTrainingConfig).importGraph().network();
    }

    /**
     * Imports a functional or sequential model.
     *
     * @param stream an H5 or {@code .keras} file; read to its end and not closed
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a graph with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraph importKerasModelAndWeights(InputStream stream, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        try (TempFile file = new TempFile(stream, Long.MAX_VALUE)) {
            return importKerasModelAndWeights(file.path().toString(), enforceTrainingConfig);
        }
    }

    /**
     * Imports a sequential model for inference, however it was compiled.
     *
     * @param stream an H5 or {@code .keras} file; read to its end and not closed
     * @return a network with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(InputStream stream)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasSequentialModelAndWeights(stream, false);
    }

    /**
     * Imports a functional or sequential model for inference, however it was compiled.
     *
     * @param stream an H5 or {@code .keras} file; read to its end and not closed
     * @return a graph with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraph importKerasModelAndWeights(InputStream stream)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasModelAndWeights(stream, false);
    }

    /**
     * Imports a sequential model in two files, without its training configuration.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned
     * @param weights path of a file that its {@code model.save_weights} wrote
     * @return a network with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(String json, String weights)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasSequentialModelAndWeights(json, weights, false);
    }

    /**
     * Imports a sequential model in two files.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned
     * @param weights path of a file that its {@code model.save_weights} wrote
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a network with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerNetwork importKerasSequentialModelAndWeights(
            String json, String weights, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return new KerasImporter(Path.of(json), Path.of(weights))
                .trainingConfiguration(enforceTrainingConfig)
                .importSequential()
                .network();
    }

    /**
     * Imports a functional or sequential model in two files, without its training configuration.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned
     * @param weights path of a file that its {@code model.save_weights} wrote
     * @return a graph with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraph importKerasModelAndWeights(String json, String weights)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasModelAndWeights(json, weights, false);
    }

    /**
     * Imports a functional or sequential model in two files.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned
     * @param weights path of a file that its {@code model.save_weights} wrote
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return a graph with the file's weights
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model or damaged, or weights are missing or wrong
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraph importKerasModelAndWeights(
            String json, String weights, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return new KerasImporter(Path.of(json), Path.of(weights))
                .trainingConfiguration(enforceTrainingConfig)
                .importGraph()
                .network();
    }

    /**
     * Imports the configuration of a sequential model, without its training configuration.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned; an H5 or {@code .keras} file will do
     * @return the configuration of a network
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model, or damaged
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerConfiguration importKerasSequentialConfiguration(String json)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasSequentialConfiguration(json, false);
    }

    /**
     * Imports the configuration of a sequential model.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned; an H5 or {@code .keras} file will do
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return the configuration of a network
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model, or damaged
     * @throws UnsupportedKerasConfigurationException if it is not sequential, or no DL4J layer does the same
     */
    public static MultiLayerConfiguration importKerasSequentialConfiguration(String json, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importer(json, enforceTrainingConfig).sequentialConfiguration();
    }

    /**
     * Imports the configuration of a functional or sequential model, without its training configuration.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned; an H5 or {@code .keras} file will do
     * @return the configuration of a graph
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model, or damaged
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraphConfiguration importKerasModelConfiguration(String json)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importKerasModelConfiguration(json, false);
    }

    /**
     * Imports the configuration of a functional or sequential model.
     *
     * @param json path of a file with what Keras' {@code model.to_json()} returned; an H5 or {@code .keras} file will do
     * @param enforceTrainingConfig whether to import its loss and optimizer, and refuse what DL4J cannot train alike
     * @return the configuration of a graph
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is no Keras model, or damaged
     * @throws UnsupportedKerasConfigurationException if no DL4J layer does the same
     */
    public static ComputationGraphConfiguration importKerasModelConfiguration(
            String json, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return importer(json, enforceTrainingConfig).graphConfiguration();
    }
}
