package io.github.dl4jnorm.keras.internal.file;

import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;

/** Which layout the weights of an HDF5 file have. */
final class WeightsFile {
    private WeightsFile() {}

    /**
     * Finds the weights.
     *
     * @param file a file with weights
     * @param saved the model that they belong to
     * @throws InvalidKerasConfigurationException if there are none
     */
    static WeightStore in(Hdf5File file, SavedLayers saved) throws InvalidKerasConfigurationException {
        if (file.hasGroup(H5ModelFile.WEIGHTS)) {
            return new NamedWeights(file, H5ModelFile.WEIGHTS, saved.names());
        }
        if (file.hasAttribute("", "layer_names") || file.hasAttribute("", "layer_names0")) {
            return new NamedWeights(file, "", saved.names());
        }
        if (NumberedWeights.isIn(file)) {
            return new NumberedWeights(file);
        }
        throw new InvalidKerasConfigurationException(file.shown()
                + ": expected weights of Keras, which are in groups model_weights or layers, or where an attribute"
                + " layer_names is, got groups " + file.names(""));
    }
}
