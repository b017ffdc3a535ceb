package io.github.dl4jnorm.kernel;

/**
 * One array that takes part in a {@link NormPass}: where its elements are, for each index of the pass's shape.
 *
 * @param memory the memory
 * @param offset index of the first element
 * @param strides per axis of the shape the distance between neighbours; 0 where the array does not vary
 * @param <A> type of staging array
 */
public record Operand<A>(Memory<A> memory, long offset, long... strides) {}
