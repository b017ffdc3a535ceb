package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.List;
import java.util.Map;

/** Makes normalization layers those of this library. */
public final class NormLayers {
    private NormLayers() {}

    /**
     * Renames the classes of normalization layers.
     *
     * @param graph a model; changed
     */
    public static void rename(ModelGraph graph) {
        for (LayerNode layer : graph.layers()) {
            if (OwnLayers.isNorm(layer.className())) {
                layer.becomes(OwnLayers.ownName(layer.className()));
            }
            layer.wrapped().filter(inner -> OwnLayers.isNorm(inner.className())).ifPresent(inner -> {
                if ("TimeDistributed".equals(layer.className())) {
                    addTimeAxis(inner.config());
                }
                Json.object(layer.config().get("layer")).put("class_name", OwnLayers.ownName(inner.className()));
            });
        }
    }

    /** DL4J unwraps a TimeDistributed layer: what was an axis of a time step's is one further in all of them. */
    private static void addTimeAxis(Map<String, Object> settings) {
        settings.computeIfPresent("axis", (key, axis) -> plusOne(axis));
    }

    private static Object plusOne(Object axis) {
        if (axis instanceof List<?> axes) {
            return axes.stream().map(NormLayers::plusOne).toList();
        }
        return axis instanceof Integer i && i > 0 ? Integer.valueOf(i + 1) : axis;
    }
}
