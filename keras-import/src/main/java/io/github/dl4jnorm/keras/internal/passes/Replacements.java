package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.Status;
import java.util.Set;

/** Layers beside normalizations that this library imports in DL4J's place. */
public final class Replacements {
    private static final Set<String> ALWAYS = Set.of("Rescaling", "Normalization", "LayerScale");
    private static final Set<String> GLOBAL = Set.of("GlobalAveragePooling2D", "GlobalMaxPooling2D");
    private static final Set<String> ELEMENT_WISE = Set.of("Add", "Subtract", "Multiply", "Average", "Maximum");

    private Replacements() {}

    /**
     * Renames their classes.
     *
     * @param graph a model; changed
     * @param notes where each is written down
     */
    public static void rename(ModelGraph graph, Notes notes) {
        for (LayerNode layer : graph.layers()) {
            String className = layer.className();
            boolean keepsAxes = GLOBAL.contains(className)
                    && Boolean.TRUE.equals(layer.config().get("keepdims"));
            if (ALWAYS.contains(className)) {
                notes.add(layer, Status.VERIFIED, "as ScaleShift, with its numbers as constants");
                layer.becomes(OwnLayers.ownName(className));
            } else if (keepsAxes) {
                notes.add(layer, Status.REPAIRED, "keepdims: pools over a window of the images' size");
                layer.becomes(OwnLayers.ownName(className));
            } else if (ELEMENT_WISE.contains(className)) {
                // The types of the inputs say later on whether DL4J's vertex will do.
                layer.becomes(OwnLayers.ownName(className));
            }
        }
    }
}
