package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.NormSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * γ and β of y = a(γ·x̂ + β). A backward pass through an activation needs both: it finds the sign of γ·x̂ + β again
 * instead of keeping it.
 *
 * @param gamma γ, one value per index of the affine axes, or null for a factor of 1
 * @param beta β, likewise, or null for 0
 */
public record AffineParameters(
        @Nullable INDArray gamma, @Nullable INDArray beta) {
    /**
     * y = a(x̂).
     *
     * @return neither γ nor β
     */
    public static AffineParameters none() {
        return new AffineParameters(null, null);
    }

    /** What x̂ is multiplied with, in the type that is computed in: γ, or 1 + γ; null for 1. */
    @Nullable INDArray factor(NormSpec spec) {
        INDArray wide = ComputeTypes.wideOrNull(gamma);
        return wide != null && spec.unitOffset() ? wide.add(1) : wide;
    }
}
