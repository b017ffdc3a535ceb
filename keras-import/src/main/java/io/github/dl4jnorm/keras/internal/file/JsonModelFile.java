package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.model.JsonText;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.ModelJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** A model as JSON, as {@code model.to_json()} returns it, and its weights, if any, in a file of their own. */
final class JsonModelFile implements ModelFile {
    private final Path json;
    private final @Nullable Hdf5File file;
    private @Nullable Map<String, @Nullable Object> training;
    private @Nullable SavedLayers saved;

    JsonModelFile(Path json, @Nullable Path weights) throws IOException, InvalidKerasConfigurationException {
        this.json = json;
        if (weights != null) {
            Files.newInputStream(weights).close(); // tells a missing file from a damaged one
        }
        file = weights == null ? null : new Hdf5File(weights, weights.toString());
    }

    @Override
    public Map<String, @Nullable Object> config() throws IOException, InvalidKerasConfigurationException {
        String text = new String(Files.readAllBytes(json), StandardCharsets.UTF_8);
        Map<String, @Nullable Object> root = JsonText.parse(text, json.toString());
        if (root.containsKey("module")) {
            // Keras 3 does not say so; to_json() of Keras 2 has a version and no module.
            root.putIfAbsent("keras_version", "3");
        }
        training = CompileConfig.removedFrom(root);
        saved = new SavedLayers(ModelJson.checked(root));
        return root;
    }

    @Override
    public @Nullable Map<String, @Nullable Object> training() {
        return training;
    }

    @Override
    public void readWeightsInto(Iterable<KerasLayer> layers, ModelGraph graph)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        if (file != null) {
            SavedLayers known = Objects.requireNonNull(saved);
            new WeightReader(file, WeightsFile.in(file, known), known).readInto(layers, graph);
        }
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
