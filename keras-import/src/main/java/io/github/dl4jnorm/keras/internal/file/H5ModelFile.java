package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.model.JsonText;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.ModelJson;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** An H5 file with configuration and weights, as {@code model.save("model.h5")} writes it in Keras 1, 2 and 3. */
final class H5ModelFile implements ModelFile {
    static final String WEIGHTS = "model_weights";

    private static final String MODEL = "model_config";
    private static final String TRAINING = "training_config";

    private final Path path;
    private final Hdf5File file;
    private @Nullable SavedLayers saved;

    H5ModelFile(Path path) throws InvalidKerasConfigurationException {
        this.path = path;
        file = new Hdf5File(path, path.toString());
    }

    @Override
    public Map<String, @Nullable Object> config() throws InvalidKerasConfigurationException {
        String json = file.text("", MODEL);
        if (json == null) {
            boolean weights = file.hasAttribute("", "layer_names") || NumberedWeights.isIn(file);
            throw new InvalidKerasConfigurationException(path + ": expected a Keras model, got "
                    + (weights
                            ? "weights without a model; give the model's JSON too, or save the whole model"
                            : "an HDF5 file without an attribute " + MODEL));
        }
        Map<String, @Nullable Object> root = JsonText.parse(json, path + ", " + MODEL);
        for (String key : new String[] {"keras_version", "backend"}) {
            String value = file.text("", key);
            if (value != null) {
                root.put(key, value);
            }
        }
        saved = new SavedLayers(ModelJson.checked(root));
        return root;
    }

    @Override
    public @Nullable Map<String, @Nullable Object> training() throws InvalidKerasConfigurationException {
        String json = file.text("", TRAINING);
        return json == null ? null : JsonText.parse(json, path + ", " + TRAINING);
    }

    @Override
    public void readWeightsInto(Iterable<KerasLayer> layers, ModelGraph graph)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        SavedLayers known = Objects.requireNonNull(saved);
        new WeightReader(file, new NamedWeights(file, WEIGHTS, known.names()), known).readInto(layers, graph);
    }

    @Override
    public void close() {
        file.close();
    }
}
