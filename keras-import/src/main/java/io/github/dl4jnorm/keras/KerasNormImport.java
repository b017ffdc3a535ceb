package io.github.dl4jnorm.keras;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.KerasSequentialModel;
import org.deeplearning4j.nn.modelimport.keras.config.KerasModelConfiguration;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelBuilder;
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
    private static final byte[] HDF5_SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

    private KerasNormImport() {}

    /**
     * Imports a sequential model and its training configuration, which may be absent.
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
        return importKerasSequentialModelAndWeights(file, true);
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
        KerasModel model = read(file, inputShape, enforceTrainingConfig);
        if (!(model instanceof KerasSequentialModel sequential)) {
            throw new UnsupportedKerasConfigurationException(file + ": expected a Sequential model, got "
                    + model.getClassName() + "; import it with importKerasModelAndWeights");
        }
        if (model.getLayers().values().stream().anyMatch(KerasUnitNorm.class::isInstance)) {
            throw new UnsupportedKerasConfigurationException(
                    file
                            + ": UnitNormalization becomes a vertex of a graph; import the model with importKerasModelAndWeights");
        }
        return sequential.getMultiLayerNetwork();
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
     * Imports a functional or sequential model and its training configuration, which may be absent.
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
        return importKerasModelAndWeights(file, true);
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
        return read(file, inputShape, enforceTrainingConfig).getComputationGraph();
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

    private static KerasModel read(String file, int[] inputShape, boolean enforceTrainingConfig)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        checkSignature(Path.of(file));
        KerasNorms.registerOwnNames();
        try (KerasModelBuilder builder = new KerasModelBuilder(new KerasModelConfiguration())) {
            builder.modelHdf5Filename(file)
                    .enforceTrainingConfig(enforceTrainingConfig)
                    .inputShape(inputShape);
            ModelConfig config = ModelConfig.parse(builder.getModelJson());
            builder.modelJson(config.forDl4j());
            if (builder.getTrainingJson() != null) {
                builder.trainingJson(ModelConfig.trainingForDl4j(builder.getTrainingJson()));
            }
            KerasModel model = config.hasWeightsForDl4j() ? build(builder, config) : buildWithWeights(builder, config);
            model.getLayersOrdered().forEach(KerasNormImport::dropIdleDropout);
            return model;
        } catch (RuntimeException e) {
            // The HDF5 library's exceptions come as this very class, and without a cause.
            if (e.getClass() == RuntimeException.class && e.getCause() == null) {
                throw new InvalidKerasConfigurationException(
                        file + ": truncated, damaged, or not laid out as Keras does: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private static KerasModel build(KerasModelBuilder builder, ModelConfig config)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return config.isSequential() ? builder.buildSequential() : builder.buildModel();
    }

    private static KerasModel buildWithWeights(KerasModelBuilder builder, ModelConfig config)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        try (Hdf5Archive archive = builder.getWeightsArchive()) {
            builder.setWeightsArchive(null);
            builder.setTrainingArchive(null);
            KerasModel model = build(builder, config);
            new ModelWeights(archive).readInto(model.getLayersOrdered());
            return model;
        }
    }

    /** DL4J gives every layer a dropout; one that drops nothing still fails in training behind channels-last images. */
    private static void dropIdleDropout(KerasLayer layer) {
        if (layer.getLayer() != null
                && layer.getLayer().getIDropout() instanceof Dropout dropout
                && dropout.getP() == 1) {
            layer.getLayer().setIDropout(null);
        }
    }

    private static void checkSignature(Path file) throws IOException, InvalidKerasConfigurationException {
        byte[] start;
        try (InputStream stream = Files.newInputStream(file)) {
            start = stream.readNBytes(HDF5_SIGNATURE.length);
        }
        if (!Arrays.equals(start, HDF5_SIGNATURE)) {
            boolean zip = start.length > 1 && start[0] == 'P' && start[1] == 'K';
            throw new InvalidKerasConfigurationException(file + ": expected an HDF5 file, got "
                    + (zip ? "a zip; in Keras, save with model.save(\"model.h5\")" : "something else"));
        }
    }
}
