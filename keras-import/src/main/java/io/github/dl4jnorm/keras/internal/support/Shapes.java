package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of a model's tensors as Keras has them, with the batch and null for sizes that are not fixed: as the file
 * says, or computed from the layers' settings where it does not.
 */
public final class Shapes {
    private final ModelGraph graph;
    private final Map<String, Optional<List<@Nullable Integer>>> outputs = new HashMap<>();

    /**
     * The shapes of a model as it is now; later changes are not seen.
     *
     * @param graph a model
     */
    public Shapes(ModelGraph graph) {
        this.graph = graph;
        graph.layers().forEach(layer -> outputs.putIfAbsent(layer.name(), null));
        graph.layers().forEach(this::output);
    }

    /**
     * The shape of a layer's output; null if it is not known.
     *
     * @param layer a layer
     * @return with the batch, and null for sizes that are not fixed
     */
    public @Nullable List<@Nullable Integer> output(LayerNode layer) {
        Optional<List<@Nullable Integer>> known = outputs.get(layer.name());
        if (known == null) {
            outputs.put(layer.name(), Optional.empty()); // ends loops, which broken files may have
            List<@Nullable Integer> said = graph.outputShape(layer);
            known = Optional.ofNullable(said != null ? said : computed(layer));
            outputs.put(layer.name(), known);
        }
        return known.orElse(null);
    }

    private @Nullable List<@Nullable Integer> computed(LayerNode layer) {
        List<List<@Nullable Integer>> known = new ArrayList<>();
        for (List<@Nullable Integer> shape : inputs(layer)) {
            if (shape == null) {
                return null;
            }
            known.add(shape);
        }
        return known.isEmpty() ? null : ShapeRules.output(layer, known);
    }

    /**
     * The shape of a layer's first input, or of what goes into the model there; null if it is not known.
     *
     * @param layer a layer
     * @return with the batch, and null for sizes that are not fixed
     */
    public @Nullable List<@Nullable Integer> input(LayerNode layer) {
        List<@Nullable List<@Nullable Integer>> inputs = inputs(layer);
        return inputs.isEmpty() ? null : inputs.get(0);
    }

    /**
     * The shapes of all inputs of a layer's first call, null for those that are not known.
     *
     * @param layer a layer
     * @return one shape for each input
     */
    public List<@Nullable List<@Nullable Integer>> inputs(LayerNode layer) {
        List<@Nullable List<@Nullable Integer>> shapes = new ArrayList<>();
        if (layer.calls().isEmpty() || layer.calls().get(0).inputs().isEmpty()) {
            shapes.add(ShapeRules.given(layer));
        } else {
            for (TensorRef tensor : layer.calls().get(0).inputs()) {
                shapes.add(tensor.shape() != null ? tensor.shape() : outputOf(tensor));
            }
        }
        return shapes;
    }

    private @Nullable List<@Nullable Integer> outputOf(TensorRef tensor) {
        return tensor.output() == 0
                ? graph.layer(tensor.layer()).map(this::output).orElse(null)
                : null;
    }
}
