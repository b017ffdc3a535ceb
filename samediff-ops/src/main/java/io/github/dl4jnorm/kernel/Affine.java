package io.github.dl4jnorm.kernel;

/**
 * The parameters of a pass. An operand that is null is absent: gamma is 1 then, beta 0, and a gradient not wanted.
 *
 * @param gamma factors, read
 * @param beta shifts, read
 * @param dGamma gradient of gamma, written
 * @param dBeta gradient of beta, written
 * @param <A> type of staging array
 */
public record Affine<A>(Operand<A> gamma, Operand<A> beta, Operand<A> dGamma, Operand<A> dBeta) {
    /**
     * No parameters at all.
     *
     * @param <A> type of staging array
     * @return parameters that are all absent
     */
    public static <A> Affine<A> none() {
        return new Affine<>(null, null, null, null);
    }

    boolean wantsGradients() {
        return dGamma != null || dBeta != null;
    }
}
