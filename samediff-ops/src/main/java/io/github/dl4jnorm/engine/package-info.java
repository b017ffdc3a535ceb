/**
 * What computes the normalizations on array memory.
 *
 * <p>{@link io.github.dl4jnorm.engine.NormAxes} says which elements share a statistic, {@link
 * io.github.dl4jnorm.engine.Stats} holds one mean and 1/√(σ²+ε) per group, and a {@link
 * io.github.dl4jnorm.engine.NormEngine} maps elements with them, forward and backward. {@link
 * io.github.dl4jnorm.engine.NormEngines} chooses the engine.
 */
package io.github.dl4jnorm.engine;
