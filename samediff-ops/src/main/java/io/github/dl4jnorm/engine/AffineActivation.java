package io.github.dl4jnorm.engine;

import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What becomes of x̂: y = a(γ·x̂ + β). A backward pass needs all of it, because it computes the sign of γ·x̂ + β again
 * instead of keeping it.
 *
 * @param gamma γ, one value per index of the affine axes, or null for 1
 * @param beta β, likewise, or null for 0
 * @param activation a
 */
public record AffineActivation(INDArray gamma, INDArray beta, Activation activation) {
    /**
     * Checks that there is an activation.
     *
     * @param gamma γ or null
     * @param beta β or null
     * @param activation a, not null
     */
    public AffineActivation {
        Objects.requireNonNull(activation, "activation");
    }

    /**
     * y = γ·x̂ + β.
     *
     * @param gamma γ or null
     * @param beta β or null
     */
    public AffineActivation(INDArray gamma, INDArray beta) {
        this(gamma, beta, Activation.IDENTITY);
    }

    /**
     * y = x̂.
     *
     * @return neither parameters nor an activation
     */
    public static AffineActivation none() {
        return new AffineActivation(null, null);
    }

    /** Whether there is an activation to apply. */
    boolean activates() {
        return activation != Activation.IDENTITY;
    }

    /** The same in the type that is computed in. */
    AffineActivation wide() {
        return new AffineActivation(Stats.wide(gamma), Stats.wide(beta), activation);
    }
}
