package io.github.dl4jnorm.keras.internal.file;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/** A saved Keras model, however it is stored. Only read. */
public interface ModelFile extends Closeable {

    /**
     * The model's configuration: class_name, config, keras_version and backend.
     *
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is not there or not JSON
     */
    Map<String, Object> config()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;

    /**
     * How the model was compiled: loss, optimizer. Null if it was not.
     *
     * @throws IOException if it cannot be read
     * @throws InvalidKerasConfigurationException if it is not JSON
     */
    Map<String, Object> training()
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;

    /**
     * Hands each layer its weights.
     *
     * @param layers the layers of a model
     * @throws InvalidKerasConfigurationException if a layer has none, or refuses them
     */
    void readWeightsInto(Iterable<KerasLayer> layers)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;

    /** Closes the file, whatever happened before. */
    @Override
    void close();
}
