package io.github.dl4jnorm.keras.internal.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One output of one call of a layer.
 *
 * @param layer name of the layer
 * @param call which of its calls, from 0
 * @param output which output of the call, from 0
 * @param shape the shape with the batch, null for sizes that are not fixed; null if the file does not say
 */
public record TensorRef(
        String layer, int call, int output, @Nullable List<@Nullable Integer> shape) {}
