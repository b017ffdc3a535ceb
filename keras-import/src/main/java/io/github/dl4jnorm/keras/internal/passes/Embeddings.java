package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.List;

/** Embedding layers of Keras 3, which no longer say the length of their sequences, as DL4J wants it. */
public final class Embeddings {
    private static final String LENGTH = "input_length";

    private Embeddings() {}

    /**
     * Writes the length of the input into the settings, or null if it is not fixed.
     *
     * @param graph a model; changed
     */
    public static void setLengths(ModelGraph graph) {
        for (LayerNode layer : graph.layers()) {
            if ("Embedding".equals(layer.className()) && layer.config().get(LENGTH) == null) {
                List<Integer> shape = inputShape(graph, layer);
                layer.config().put(LENGTH, shape != null && shape.size() == 2 ? shape.get(1) : null);
            }
        }
    }

    /** What the layer says, or the tensor that goes into it, or the input that this comes from. */
    private static List<Integer> inputShape(ModelGraph graph, LayerNode layer) {
        if (layer.inputShape() != null || layer.calls().size() != 1) {
            return layer.inputShape();
        }
        return layer.calls().get(0).inputs().stream()
                .findFirst()
                .map(tensor -> tensor.shape() != null
                        ? tensor.shape()
                        : graph.layer(tensor.layer())
                                .map(input -> Json.shape(input.config().get("batch_input_shape")))
                                .orElse(null))
                .orElse(null);
    }
}
