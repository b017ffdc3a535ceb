package io.github.dl4jnorm.keras.internal.model;

import io.github.dl4jnorm.keras.report.Status;

/** Where a pass over a model writes what it did. */
@FunctionalInterface
public interface Notes {

    /**
     * Writes one thing to know about a layer.
     *
     * @param layer the layer
     * @param status what became of it
     * @param text what was done, or is doubted, and why
     */
    void add(LayerNode layer, Status status, String text);
}
