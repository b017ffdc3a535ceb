package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * γ and β. An operand that is null is absent: γ is 1 then, β 0, and a gradient not wanted.
 *
 * @param gamma factors, read
 * @param beta shifts, read; a backward pass needs them for an activation only
 * @param dGamma gradient of gamma, written
 * @param dBeta gradient of beta, written
 * @param <A> type of arrays
 */
public record ParameterOperands<A>(
        @Nullable Operand<A> gamma,
        @Nullable Operand<A> beta,
        @Nullable Operand<A> dGamma,
        @Nullable Operand<A> dBeta) {
    /**
     * No parameters at all.
     *
     * @param <A> type of arrays
     * @return parameters that are all absent
     */
    public static <A> ParameterOperands<A> none() {
        return new ParameterOperands<>(null, null, null, null);
    }

    boolean wantsGradients() {
        return dGamma != null || dBeta != null;
    }
}
