package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/** Makes normalization layers those of this library. */
public final class NormLayers {
    private static final String TIME_DISTRIBUTED = "TimeDistributed";

    private NormLayers() {}

    /**
     * Renames the classes of normalization layers, and tells each the shape of its input.
     *
     * @param graph a model; changed
     * @param notes where it is written down what is imported in another way
     * @throws UnsupportedKerasConfigurationException if a normalization is used twice, or is inside of a wrapper without
     *     which it computes something else
     */
    public static void rename(ModelGraph graph, Notes notes) throws UnsupportedKerasConfigurationException {
        KerasShapes shapes = new KerasShapes(graph);
        for (LayerNode layer : graph.layers()) {
            LayerNode inner = layer.wrapped().orElse(null);
            if (OwnLayers.isNorm(layer.className())) {
                refuseSharing(layer);
                NormSettings.settle(layer, layer, notes);
                tellShape(layer.config(), layer, shapes);
                layer.becomes(OwnLayers.ownName(layer.className()));
            } else if (inner != null && OwnLayers.isNorm(inner.className())) {
                refuseSharing(layer);
                unwrap(layer, inner);
                NormSettings.settle(layer, inner, notes);
                tellShape(inner.config(), layer, shapes);
                Json.object(layer.config().get("layer")).put("class_name", OwnLayers.ownName(inner.className()));
            }
        }
    }

    private static void refuseSharing(LayerNode layer) throws UnsupportedKerasConfigurationException {
        if (layer.calls().size() > 1) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": used " + layer.calls().size()
                            + " times; layers of DL4J cannot share their parameters, so make one for each use");
        }
    }

    /**
     * A list says that the rank is known, something else that it is not. Without sequences in the model DL4J's rank is
     * right, and nothing needs to be said.
     */
    private static void tellShape(Map<String, Object> settings, LayerNode layer, KerasShapes shapes) {
        List<Integer> shape = shapes.input(layer);
        if (shape != null) {
            settings.put(OwnLayers.INPUT_SHAPE, shape);
        } else if (shapes.hasSequences()) {
            settings.put(OwnLayers.INPUT_SHAPE, "not known");
        }
    }

    /** DL4J unwraps a TimeDistributed layer: what was an axis of a time step's is one further in all of them. */
    private static void unwrap(LayerNode layer, LayerNode inner) throws UnsupportedKerasConfigurationException {
        if (!TIME_DISTRIBUTED.equals(layer.className())) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": a " + inner.className() + " can be inside of TimeDistributed only");
        }
        if ("GroupNormalization".equals(inner.className())) {
            throw new UnsupportedKerasConfigurationException(layer
                    + ": a GroupNormalization of each time step has statistics of its own for each of them, which DL4J's"
                    + " layers cannot have; a LayerNormalization can be inside of TimeDistributed");
        }
        inner.config().computeIfPresent("axis", (key, axis) -> plusOne(axis));
    }

    private static Object plusOne(Object axis) {
        if (axis instanceof List<?> axes) {
            return axes.stream().map(NormLayers::plusOne).toList();
        }
        return axis instanceof Integer i && i > 0 ? Integer.valueOf(i + 1) : axis;
    }
}
