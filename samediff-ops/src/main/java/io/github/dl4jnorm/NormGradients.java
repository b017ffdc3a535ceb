package io.github.dl4jnorm;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of a normalization with respect to all that went in. Those of a given mean and variance are, with s =
 * 1/√(σ²+ε),
 *
 * <pre>
 * dMean = −γ·s·Σdy      dVariance = −½·γ·s²·Σdy·x̂
 * </pre>
 *
 * @param dx gradient of x, of its shape and type
 * @param dGamma gradient of γ, of the type of x, one value per index of the affine axes; null where there was no γ
 * @param dBeta gradient of β, likewise
 * @param dMean gradient of a mean that was given, of its shape and type; null where the mean came from x
 * @param dVariance gradient of a variance that was given, likewise
 */
public record NormGradients(
        INDArray dx,
        @Nullable INDArray dGamma,
        @Nullable INDArray dBeta,
        @Nullable INDArray dMean,
        @Nullable INDArray dVariance) {}
