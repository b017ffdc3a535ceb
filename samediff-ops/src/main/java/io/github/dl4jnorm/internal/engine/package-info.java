/**
 * What computes the normalizations on array memory.
 *
 * <p>A {@link io.github.dl4jnorm.internal.engine.NormEngine} does what a {@link io.github.dl4jnorm.spec.NormSpec} says, forward and
 * backward, with {@link io.github.dl4jnorm.internal.engine.GroupStatistics} in between. {@link
 * io.github.dl4jnorm.internal.engine.EngineChoice} chooses the engine.
 */
@NullMarked
package io.github.dl4jnorm.internal.engine;

import org.jspecify.annotations.NullMarked;
