package io.github.dl4jnorm.kernel;

/**
 * What becomes of x̂: y = γ·x̂ + β, or max(0, γ·x̂ + β). An operand that is null is absent: gamma is 1 then, beta 0, and a
 * gradient not wanted.
 *
 * @param gamma factors, read
 * @param beta shifts, read; a backward pass needs them for the rectifier only
 * @param dGamma gradient of gamma, written
 * @param dBeta gradient of beta, written
 * @param rectified whether negative outputs become 0; a backward pass finds out again which were
 * @param <A> type of staging array
 */
public record Affine<A>(Operand<A> gamma, Operand<A> beta, Operand<A> dGamma, Operand<A> dBeta, boolean rectified) {
    /**
     * No parameters at all.
     *
     * @param <A> type of staging array
     * @return parameters that are all absent, and no rectifier
     */
    public static <A> Affine<A> none() {
        return new Affine<>(null, null, null, null, false);
    }

    boolean wantsGradients() {
        return dGamma != null || dBeta != null;
    }
}
