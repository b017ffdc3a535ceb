package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** Loss and optimizer as DL4J's importer reads them; what DL4J would not train alike is refused. */
public final class Training {
    private static final String ADVICE =
            "; import the model without its training configuration, and set an updater or a" + " loss of DL4J's";

    private Training() {}

    /**
     * A training configuration as DL4J's importer reads it.
     *
     * @param training the file's
     * @param outputs the number of the model's outputs
     * @return loss and optimizer
     * @throws UnsupportedKerasConfigurationException if DL4J would train the model in another way
     */
    public static Map<String, @Nullable Object> asDl4jReads(Map<String, @Nullable Object> training, int outputs)
            throws UnsupportedKerasConfigurationException {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("loss", Losses.asDl4jReads(training, outputs));
        result.put("optimizer_config", Optimizers.asDl4jReads(Json.object(training.get("optimizer_config"))));
        return result;
    }

    /** Refuses a part of a training configuration. */
    static UnsupportedKerasConfigurationException refusal(String part, String given, String why) {
        return new UnsupportedKerasConfigurationException(
                "training configuration, " + part + " " + given + ": " + why + ADVICE);
    }
}
