package io.github.dl4jnorm.keras.internal.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelJsonTest {

    /** As Keras writes a model that was made of dicts. */
    @ParameterizedTest
    @ValueSource(strings = {"input_layers", "output_layers"})
    void dicts(String key) throws InvalidKerasConfigurationException {
        String json = """
                {"class_name": "Functional", "config": {"%s": {"a": ["x", 0, 0]}, "layers":
                  [{"class_name": "InputLayer", "name": "x", "config": {"name": "x"}, "inbound_nodes": []}]}}""".replace("%s", key);
        InvalidKerasConfigurationException refusal = assertThrows(
                InvalidKerasConfigurationException.class, () -> ModelJson.checked(JsonText.parse(json, "the file")));
        assertEquals(
                "the model, " + key
                        + ": expected a list; in Keras, make the Model of lists, not of dicts, got {a=[x, 0, 0]}",
                refusal.getMessage().replaceAll("\\. For more information.*", ""));
    }
}
