package io.github.dl4jnorm.keras;

import static io.github.dl4jnorm.keras.KerasFile.settings;

import java.util.Collections;
import java.util.Map;

/** Settings of Keras 2 and 3 layers that DL4J imports by itself, with all that it asks for. */
final class Settings {
    static final Map<String, Object> RELU = Map.of("activation", "relu");

    private Settings() {}

    static Map<String, Object> dense(int units, String activation) {
        return with(common(activation), "units", units);
    }

    static Map<String, Object> convolution(int spatial, int filters, int kernel, String dataFormat) {
        return with(
                common("linear"),
                "filters",
                filters,
                "kernel_size",
                Collections.nCopies(spatial, kernel),
                "strides",
                Collections.nCopies(spatial, 1),
                "padding",
                "valid",
                "data_format",
                dataFormat,
                "dilation_rate",
                Collections.nCopies(spatial, 1));
    }

    static Map<String, Object> lstm(int units) {
        return with(
                common("tanh"),
                "units",
                units,
                "recurrent_activation",
                "sigmoid",
                "recurrent_initializer",
                initializer("GlorotUniform"),
                "unit_forget_bias",
                true,
                "return_sequences",
                true,
                "unroll",
                false,
                "dropout",
                0.0,
                "recurrent_dropout",
                0.0);
    }

    private static Map<String, Object> common(String activation) {
        return settings(
                "activation",
                activation,
                "use_bias",
                true,
                "kernel_initializer",
                initializer("GlorotUniform"),
                "bias_initializer",
                initializer("Zeros"),
                "kernel_regularizer",
                null,
                "bias_regularizer",
                null,
                "kernel_constraint",
                null,
                "bias_constraint",
                null);
    }

    private static Map<String, Object> initializer(String name) {
        return settings("class_name", name, "config", settings("seed", null));
    }

    private static Map<String, Object> with(Map<String, Object> settings, Object... more) {
        settings.putAll(settings(more));
        return settings;
    }
}
