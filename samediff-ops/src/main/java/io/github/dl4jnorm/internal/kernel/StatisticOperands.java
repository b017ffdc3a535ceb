package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * One value per group each; an operand that is null is absent.
 *
 * @param center c, rounded to its type; absent for 0
 * @param centerResidual what the rounding of c left over; absent for 0
 * @param measure q, that the scale is made of
 * @param scale s; absent if it follows from q
 * @param <A> type of arrays
 */
public record StatisticOperands<A>(
        @Nullable Operand<A> center,
        @Nullable Operand<A> centerResidual,
        Operand<A> measure,
        @Nullable Operand<A> scale) {}
