package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
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
     * @throws UnsupportedKerasConfigurationException if a normalization is used twice, or is inside of a wrapper without
     *     which it computes something else
     */
    public static void rename(ModelGraph graph) throws UnsupportedKerasConfigurationException {
        KerasShapes shapes = new KerasShapes(graph);
        for (LayerNode layer : graph.layers()) {
            LayerNode inner = layer.wrapped().orElse(null);
            if (OwnLayers.isNorm(layer.className())) {
                refuseSharing(layer);
                tellShape(layer.config(), shapes.input(layer));
                layer.becomes(OwnLayers.ownName(layer.className()));
            } else if (inner != null && OwnLayers.isNorm(inner.className())) {
                refuseSharing(layer);
                unwrap(layer, inner);
                tellShape(inner.config(), shapes.input(layer));
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

    /** A list says that the rank is known, and something else that it is not. */
    private static void tellShape(Map<String, Object> settings, List<Integer> shape) {
        settings.put(OwnLayers.INPUT_SHAPE, shape == null ? "not known" : shape);
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
