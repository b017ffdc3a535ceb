package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.file.Hdf5File.Stored;
import io.github.dl4jnorm.keras.internal.file.SavedLayers.Saved;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/** Where a file keeps the variables of layers. */
interface WeightStore {

    /**
     * The variables of a layer by name; those of a Bidirectional begin with "forward_" and "backward_".
     *
     * @param layer a layer
     * @return empty if the file has none
     * @throws InvalidKerasConfigurationException if it cannot be told which variables are meant
     * @throws UnsupportedKerasConfigurationException if nobody knows what the layer calls its variables
     */
    Map<String, Stored> variables(Saved layer)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;

    /**
     * Where the file should have the variables of a layer, for messages.
     *
     * @param layer a layer
     */
    String place(Saved layer) throws InvalidKerasConfigurationException;

    /**
     * The groups that belong to layers of a model that are in no inner model, and those that belong to no layer.
     *
     * @param model a model
     */
    Set<String> groupsOf(SavedLayers model) throws InvalidKerasConfigurationException;

    /** The group in which all those groups are; "" for the whole file. */
    String root();
}
