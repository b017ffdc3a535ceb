package io.github.dl4jnorm.keras;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.wrappers.KerasBidirectional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads weights from where Keras 3 puts them: {@code /model_weights/<layer>/<path of the variable>}, where the path may
 * begin with the name of the model. DL4J looks for the names that Keras 2 gave them.
 */
final class Keras3Weights {
    private static final String ROOT = "model_weights";

    private final Hdf5Archive archive;

    Keras3Weights(Hdf5Archive archive) {
        this.archive = archive;
    }

    /**
     * Hands each layer its weights.
     *
     * @throws InvalidKerasConfigurationException if a layer has none, or refuses them
     */
    void readInto(Iterable<KerasLayer> layers)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        List<String> groups = archive.getGroups(ROOT);
        for (KerasLayer layer : layers) {
            if (layer.getNumParams() > 0) {
                Map<String, INDArray> weights = new HashMap<>();
                if (groups.contains(layer.getLayerName())) {
                    collect(ROOT + "/" + layer.getLayerName(), "", layer instanceof KerasBidirectional, weights);
                }
                if (weights.isEmpty()) {
                    throw new InvalidKerasConfigurationException("Keras " + layer.getClassName() + " \""
                            + layer.getLayerName() + "\": expected weights in /" + ROOT + ", got none");
                }
                layer.setWeights(weights);
            }
        }
    }

    private void collect(String path, String prefix, boolean bidirectional, Map<String, INDArray> weights)
            throws UnsupportedKerasConfigurationException {
        for (String name : archive.getDataSets(path)) {
            weights.put(prefix + name, archive.readDataSet(name, path));
        }
        for (String group : archive.getGroups(path)) {
            collect(path + "/" + group, bidirectional ? direction(group, prefix) : prefix, bidirectional, weights);
        }
    }

    private static String direction(String group, String prefix) {
        if (group.startsWith("forward_")) {
            return "forward_";
        }
        return group.startsWith("backward_") ? "backward_" : prefix;
    }
}
