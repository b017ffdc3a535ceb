package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** A saved Keras model, however it is stored. Only read. */
public interface ModelFile extends Closeable {

    /**
     * Opens a file with a whole model.
     *
     * @param path an H5 or {@code .keras} file
     * @return the file, open
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is something else, or damaged
     */
    static ModelFile open(Path path) throws IOException, InvalidKerasConfigurationException {
        String expected = path + ": expected an H5 or .keras file, got ";
        if (Files.isDirectory(path)) {
            throw new InvalidKerasConfigurationException(
                    expected + "a directory; in Keras, save with model.save(\"model.keras\") or \"model.h5\"");
        }
        byte[] start;
        try (InputStream stream = Files.newInputStream(path)) {
            start = stream.readNBytes(8);
        }
        if (Arrays.equals(start, new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'})) {
            return new H5ModelFile(path);
        }
        if (start.length > 1 && start[0] == 'P' && start[1] == 'K') {
            return new ArchiveModelFile(path);
        }
        throw new InvalidKerasConfigurationException(expected
                + (start.length > 0 && start[0] == '{'
                        ? "JSON; give the file with the weights too"
                        : "something else"));
    }

    /**
     * Opens a file with a model, if only for its configuration.
     *
     * @param path an H5, {@code .keras} or JSON file
     * @return the file, open
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is something else, or damaged
     */
    static ModelFile openConfiguration(Path path) throws IOException, InvalidKerasConfigurationException {
        try (InputStream stream = Files.newInputStream(path)) {
            int first = stream.read();
            return first == '{' || Character.isWhitespace(first) ? new JsonModelFile(path, null) : open(path);
        }
    }

    /**
     * Opens a model that is stored in two files.
     *
     * @param json what {@code model.to_json()} returned
     * @param weights what {@code model.save_weights} wrote, or an H5 file with a whole model
     * @return the file, open
     * @throws IOException if one cannot be read
     * @throws InvalidKerasConfigurationException if the weights are not in an HDF5 file, or that is damaged
     */
    static ModelFile open(Path json, Path weights) throws IOException, InvalidKerasConfigurationException {
        return new JsonModelFile(json, weights);
    }

    /**
     * The model's configuration: class_name, config, keras_version and backend. To be called first.
     *
     * @return JSON that is a model
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is not there or no model
     */
    Map<String, @Nullable Object> config() throws IOException, InvalidKerasConfigurationException;

    /**
     * How the model was compiled: loss, optimizer_config. Null if it was not.
     *
     * @return JSON, or null
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is not JSON
     */
    @Nullable Map<String, @Nullable Object> training() throws IOException, InvalidKerasConfigurationException;

    /**
     * Hands each layer its weights.
     *
     * @param layers DL4J's layers
     * @param graph the model of which they were made; a layer's path in it tells where its weights are
     * @throws IOException if they cannot be read
     * @throws InvalidKerasConfigurationException if a layer has none, or others than its class has in Keras
     * @throws UnsupportedKerasConfigurationException if nobody knows what a layer calls its variables
     */
    void readWeightsInto(Iterable<KerasLayer> layers, ModelGraph graph)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;

    /** Closes the file, whatever happened before. */
    @Override
    void close();
}
