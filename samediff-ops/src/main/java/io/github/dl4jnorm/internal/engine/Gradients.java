package io.github.dl4jnorm.internal.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of a normalization.
 *
 * @param dx gradient of x, of its shape and type
 * @param dGamma gradient of γ, of its shape and the type of x; null if there is none, or it is not wanted
 * @param dBeta gradient of β, likewise
 */
public record Gradients(
        INDArray dx, @Nullable INDArray dGamma, @Nullable INDArray dBeta) {}
