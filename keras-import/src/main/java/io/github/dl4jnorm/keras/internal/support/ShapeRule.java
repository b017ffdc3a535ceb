package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How Keras computes the shape of a layer's output. */
@FunctionalInterface
interface ShapeRule {

    /**
     * The output's shape.
     *
     * @param layer the layer
     * @param inputs shapes of the inputs, at least one
     * @return with the batch, null for sizes that are not known; null if the settings or the inputs are not the layer's
     */
    @Nullable List<@Nullable Integer> output(LayerNode layer, List<List<@Nullable Integer>> inputs);
}
