package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.Map;

/** Loss and optimizer as DL4J's importer reads them. */
public final class Training {
    private Training() {}

    /**
     * A training configuration as DL4J's importer reads it: it insists on a learning rate decay, which the optimizers of
     * newer versions of Keras do not have.
     *
     * @param training the file's; changed
     * @return the same
     */
    public static Map<String, Object> asKeras2(Map<String, Object> training) {
        Map<String, Object> optimizer = Json.object(training.get("optimizer_config"));
        Map<String, Object> config = optimizer == null ? null : Json.object(optimizer.get("config"));
        if (config != null) {
            config.putIfAbsent("decay", 0.0);
        }
        return training;
    }
}
