package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.support.Shapes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Embedding layers of Keras 3, which no longer say the length of their sequences, as DL4J wants it. */
public final class Embeddings {
    private static final String LENGTH = "input_length";

    private Embeddings() {}

    /**
     * Writes the length of the input into the settings, or null if it is not fixed.
     *
     * @param graph a model; changed
     * @param shapes its shapes
     */
    public static void setLengths(ModelGraph graph, Shapes shapes) {
        for (LayerNode layer : graph.layers()) {
            if ("Embedding".equals(layer.className()) && layer.config().get(LENGTH) == null) {
                List<@Nullable Integer> shape = shapes.input(layer);
                layer.config().put(LENGTH, shape != null && shape.size() == 2 ? shape.get(1) : null);
            }
        }
    }
}
