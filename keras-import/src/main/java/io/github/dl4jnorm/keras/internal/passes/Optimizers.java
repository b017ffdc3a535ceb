package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** Keras' optimizers that DL4J has an updater with the same steps for. */
final class Optimizers {
    private static final String RATE = "learning_rate";

    /** Numbers that DL4J's importer reads, by optimizer. */
    private static final Map<String, List<String>> NUMBERS = Map.of(
            "SGD", List.of(RATE, "momentum", "decay"),
            "Adam", List.of(RATE, "beta_1", "beta_2", "epsilon", "decay"));

    /** Why others are refused, where DL4J has an updater of the same name. */
    private static final Map<String, String> OTHERS = Map.of(
            "RMSprop", "Keras' sums of squares begin at 0, DL4J's at epsilon",
            "Adamax", "DL4J's updater takes other steps",
            "Nadam", "Keras lets the momentum grow with the steps, DL4J does not",
            "Adagrad", "Keras' sums of squares begin at initial_accumulator_value, DL4J's near 0",
            "Adadelta", "Keras has a learning rate, DL4J has none");

    /** What says nothing about the steps, while the switches that make them matter are off. */
    private static final Set<String> SILENT =
            Set.of("name", "jit_compile", "is_legacy_optimizer", "ema_momentum", "ema_overwrite_frequency");

    private Optimizers() {}

    /**
     * An optimizer as DL4J's importer reads it: with whole numbers as decimal ones, and a decay, which those of newer
     * versions of Keras do not have.
     *
     * @param optimizer class_name and config
     * @throws UnsupportedKerasConfigurationException if DL4J has no updater with the same steps
     */
    static Map<String, @Nullable Object> asDl4jReads(@Nullable Map<String, @Nullable Object> optimizer)
            throws UnsupportedKerasConfigurationException {
        if (optimizer == null || Json.object(optimizer.get("config")) == null) {
            throw Training.refusal("optimizer", String.valueOf(optimizer), "expected its class and settings");
        }
        String name = String.valueOf(optimizer.get("class_name"));
        Map<String, @Nullable Object> settings = new LinkedHashMap<>(Json.object(optimizer.get("config")));
        if (!NUMBERS.containsKey(name)) {
            throw Training.refusal("optimizer", name, OTHERS.getOrDefault(name, "DL4J has no such updater"));
        }
        if (settings.containsKey("lr")) {
            settings.putIfAbsent(RATE, settings.remove("lr"));
        }
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        for (String number : NUMBERS.get(name)) {
            Object value = settings.remove(number);
            config.put(number, number(name, number, value));
        }
        boolean plain = "SGD".equals(name) && !Boolean.TRUE.equals(settings.remove("nesterov"));
        if (plain && !Double.valueOf(0).equals(config.get("momentum"))) {
            throw Training.refusal(
                    "optimizer",
                    name + ", momentum = " + config.get("momentum"),
                    "DL4J has Nesterov's momentum only, nesterov=True");
        }
        for (Map.Entry<String, Object> setting : settings.entrySet()) {
            if (!SILENT.contains(setting.getKey()) && !isOff(setting.getValue())) {
                throw Training.refusal(
                        "optimizer",
                        name + ", " + setting.getKey() + " = " + setting.getValue(),
                        "DL4J's importer knows no such setting");
            }
        }
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("class_name", name);
        result.put("config", config);
        return result;
    }

    private static double number(String optimizer, String setting, @Nullable Object value)
            throws UnsupportedKerasConfigurationException {
        if (value == null && Set.of("decay", "momentum").contains(setting)) {
            return 0;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw Training.refusal("optimizer", optimizer + ", " + setting + " = " + value, "expected a number");
    }

    private static boolean isOff(@Nullable Object value) {
        return value == null || Boolean.FALSE.equals(value) || value instanceof Number n && n.doubleValue() == 0;
    }
}
