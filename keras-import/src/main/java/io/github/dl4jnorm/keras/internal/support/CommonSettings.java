package io.github.dl4jnorm.keras.internal.support;

import java.util.List;
import java.util.Set;

/** Settings that many classes have. */
final class CommonSettings {
    /** What says nothing about the numbers that come out. */
    private static final Set<String> SILENT = Set.of(
            "name", "trainable", "batch_input_shape", "input_shape", "input_dtype", "seed", "zero_output_for_mask");

    /** What matters in training only. */
    private static final List<String> IN_TRAINING = List.of("_initializer", "_regularizer", "_constraint");

    private CommonSettings() {}

    /** Whether a setting may have any value, in any layer. */
    static boolean isSilent(String name) {
        return SILENT.contains(name) || IN_TRAINING.stream().anyMatch(name::endsWith);
    }

    /** Whether activations are numbers of another precision than DL4J's. */
    static boolean isOtherPrecision(String name, Object value) {
        return "dtype".equals(name) && value != null && !"float32".equals(value);
    }
}
