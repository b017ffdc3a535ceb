package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a model was compiled, which Keras 3 writes into the model's JSON. */
final class CompileConfig {
    private static final String OPTIMIZER = "optimizer";

    private CompileConfig() {}

    /**
     * Takes it out of a model's JSON and puts it in the words of an H5 file's training_config.
     *
     * @param root the JSON; changed
     * @return loss and optimizer_config, or null if the model was not compiled
     */
    static @Nullable Map<String, @Nullable Object> removedFrom(Map<String, @Nullable Object> root) {
        Map<String, @Nullable Object> compiled = Json.object(root.remove("compile_config"));
        if (compiled == null || compiled.get(OPTIMIZER) == null) {
            return null;
        }
        Map<String, @Nullable Object> training = new HashMap<>(compiled);
        training.put("optimizer_config", training.remove(OPTIMIZER));
        return training;
    }
}
