/**
 * Runnable programs. Small networks learn to read digits: {@link io.github.dl4jnorm.examples.TrainDigitsCnn} with the
 * normalization of your choice, {@link io.github.dl4jnorm.examples.CompareNorms} with all of them, and
 * {@link io.github.dl4jnorm.examples.TrainDigitsSameDiff} with SameDiff ops.
 * {@link io.github.dl4jnorm.examples.ExplainGradient} says what is wrong in hand-derived gradients.
 */
@NullMarked
package io.github.dl4jnorm.examples;

import org.jspecify.annotations.NullMarked;
