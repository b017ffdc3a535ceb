package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** Keras' losses that DL4J has with the same gradients. */
final class Losses {
    /** By Keras' short names, class names without their capitals, and functions: the words of DL4J's importer. */
    private static final Map<String, String> SAME = Map.ofEntries(
            Map.entry("mse", "mean_squared_error"),
            Map.entry("mean_squared_error", "mean_squared_error"),
            Map.entry("mae", "mean_absolute_error"),
            Map.entry("mean_absolute_error", "mean_absolute_error"),
            Map.entry("categorical_crossentropy", "categorical_crossentropy"),
            Map.entry("sparse_categorical_crossentropy", "sparse_categorical_crossentropy"),
            Map.entry("binary_crossentropy", "binary_crossentropy"));

    /** Settings of a loss whose value must be this, or absent. */
    private static final Map<String, Set<Object>> SETTINGS = Map.of(
            "reduction", Set.of("auto", "sum_over_batch_size"),
            "from_logits", Set.of(false),
            "label_smoothing", Set.of(0, 0.0),
            "axis", Set.of(-1));

    private static final Set<String> SILENT = Set.of("name", "dtype", "fn");

    private Losses() {}

    /**
     * The loss as DL4J's importer reads it.
     *
     * @param training a training configuration
     * @param outputs the number of the model's outputs
     * @throws UnsupportedKerasConfigurationException if DL4J has no loss with the same gradients
     */
    static String asDl4jReads(Map<String, @Nullable Object> training, int outputs)
            throws UnsupportedKerasConfigurationException {
        Object loss = training.get("loss");
        if (outputs > 1) {
            throw Training.refusal("loss", String.valueOf(loss), "the model has " + outputs + " outputs, expected one");
        }
        if (training.get("loss_weights") != null) {
            throw Training.refusal("loss_weights", String.valueOf(training.get("loss_weights")), "DL4J has no such");
        }
        Object only = loss instanceof List<?> list && list.size() == 1 ? list.get(0) : loss;
        Map<String, @Nullable Object> object = Json.object(only);
        if (object != null && object.size() == 1 && !object.containsKey("class_name")) {
            only = object.values().iterator().next(); // by the name of the only output
            object = Json.object(only);
        }
        String name = object == null ? String.valueOf(only) : name(object);
        String dl4j = SAME.get(name.toLowerCase(Locale.ROOT));
        if (dl4j == null) {
            throw Training.refusal("loss", String.valueOf(only), "DL4J's gradients are others, or it has no such loss");
        }
        return dl4j;
    }

    private static String name(Map<String, @Nullable Object> loss) throws UnsupportedKerasConfigurationException {
        String className = String.valueOf(loss.get("class_name"));
        Map<String, @Nullable Object> config = Json.object(loss.get("config"));
        if ("function".equals(className)) {
            return String.valueOf(loss.get("config"));
        }
        if (config != null) {
            for (Map.Entry<String, Object> setting : config.entrySet()) {
                Set<Object> expected = SETTINGS.get(setting.getKey());
                boolean known =
                        expected == null ? SILENT.contains(setting.getKey()) : expected.contains(setting.getValue());
                if (!known && setting.getValue() != null) {
                    throw Training.refusal(
                            "loss",
                            className + ", " + setting.getKey() + " = " + setting.getValue(),
                            "expected " + (expected == null ? "no such setting" : expected));
                }
            }
        }
        return className.replaceAll("(?<!^)(?=[A-Z])", "_");
    }
}
