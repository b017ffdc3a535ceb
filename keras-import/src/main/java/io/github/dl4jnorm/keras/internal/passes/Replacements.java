package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.report.Status;

/** Layers beside normalizations that this library imports in DL4J's place. */
public final class Replacements {
    private Replacements() {}

    /**
     * Renames their classes.
     *
     * @param graph a model; changed
     * @param notes where each is written down
     */
    public static void rename(ModelGraph graph, Notes notes) {
        for (LayerNode layer : graph.layers()) {
            switch (Kind.of(layer)) {
                case CONSTANTS -> {
                    if (!OwnName.isOwn(layer.className())) {
                        notes.add(layer, Status.VERIFIED, "as ScaleShift, with its numbers as constants");
                        layer.becomesOwn();
                    }
                }
                case GLOBAL_POOLING -> {
                    if (Boolean.TRUE.equals(layer.config().get("keepdims"))) {
                        notes.add(layer, Status.REPAIRED, "keepdims: pools over a window of the images' size");
                        layer.becomesOwn();
                    }
                }
                // The types of the inputs say later on whether DL4J's vertex will do.
                case ELEMENT_WISE -> layer.becomesOwn();
                default -> {
                    // DL4J's, or put in its place by another pass.
                }
            }
        }
    }
}
