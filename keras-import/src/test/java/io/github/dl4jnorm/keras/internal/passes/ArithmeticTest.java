package io.github.dl4jnorm.keras.internal.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.keras.internal.model.Argument;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Constants in arithmetic as Keras 2 with TensorFlow writes them; files of Keras 3 are in PeoplesModelsTest. */
class ArithmeticTest {
    private final List<String> notes = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "__operators__.add, 1, 4",
        "math.add, 1, 4",
        "math.subtract, 1, -4",
        "math.multiply, 4, 0",
        "math.truediv, 0.25, 0"
    })
    void operationsOfTensorFlow(String function, double scale, double offset) throws Exception {
        LayerNode layer = passed(function, "{\"y\": 4, \"name\": null}");
        assertEquals("dl4jnorm.Rescaling", layer.className());
        assertEquals(scale, layer.config().get("scale"));
        assertEquals(offset, layer.config().get("offset"));
        assertTrue(layer.calls().get(0).arguments().stream().allMatch(Argument::isTensor));
        assertEquals(List.of("op: with the constant 4"), notes);
    }

    @Test
    void othersStayAsTheyAre() throws Exception {
        assertEquals("TFOpLambda", passed("math.maximum", "{\"y\": 4}").className());
        assertEquals("TFOpLambda", passed("math.multiply", "{}").className());
        assertEquals("TFOpLambda", passed("math.multiply", "{\"y\": [1, 2]}").className());
        assertTrue(notes.isEmpty());
    }

    private LayerNode passed(String function, String keywords) throws Exception {
        String json = """
                {"class_name": "Functional", "keras_version": "2.11.0", "config": {
                  "layers": [
                    {"class_name": "InputLayer", "config": {"name": "in"}, "name": "in", "inbound_nodes": []},
                    {"class_name": "TFOpLambda", "config": {"name": "op", "function": "FUNCTION"}, "name": "op",
                     "inbound_nodes": [["in", 0, 0, KEYWORDS]]}],
                  "input_layers": [["in", 0, 0]], "output_layers": [["op", 0, 0]]}}""";
        Map<?, ?> root = new ObjectMapper()
                .readValue(json.replace("FUNCTION", function).replace("KEYWORDS", keywords), Map.class);
        Map<String, Object> model = new HashMap<>();
        root.forEach((key, value) -> model.put(String.valueOf(key), value));
        ModelGraph graph = new ModelGraph(model);
        Arithmetic.keepConstants(graph, (layer, status, text) -> notes.add(layer.name() + ": " + text));
        return graph.layer("op").orElseThrow();
    }
}
