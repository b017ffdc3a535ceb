package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Settings that many classes have. */
final class CommonSettings {
    /** What says nothing about the numbers that come out. */
    private static final Set<String> SILENT = Set.of(
            "name",
            "trainable",
            "batch_input_shape",
            "input_shape",
            "input_dtype",
            "seed",
            "zero_output_for_mask",
            "dtype");

    /** What matters in training only. */
    private static final List<String> IN_TRAINING = List.of("_initializer", "_regularizer", "_constraint");

    private CommonSettings() {}

    /** Whether a setting may have any value, in any layer. */
    static boolean isSilent(String name) {
        return SILENT.contains(name) || IN_TRAINING.stream().anyMatch(name::endsWith);
    }

    /** The precision that a layer computes in, which Keras 2 may write as an object; null if it does not say. */
    static @Nullable String precision(LayerNode layer) {
        Object value = layer.config().get("dtype");
        Map<String, @Nullable Object> policy = Json.object(value);
        Map<String, @Nullable Object> config = policy == null ? null : Json.object(policy.get("config"));
        Object name = config == null ? value : config.get("name");
        return name == null ? null : String.valueOf(name);
    }

    /** Whether a layer computes in another precision than DL4J's. Inputs may be of any type: they are converted. */
    static boolean isOtherPrecision(LayerNode layer) {
        String precision = precision(layer);
        return precision != null && !"float32".equals(precision) && !"InputLayer".equals(layer.className());
    }
}
