package io.github.dl4jnorm.internal.kernel;

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
        Operand<A> center, Operand<A> centerResidual, Operand<A> measure, Operand<A> scale) {}
