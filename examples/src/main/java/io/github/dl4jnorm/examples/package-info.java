/**
 * Runnable programs that train small networks on images of digits: {@link io.github.dl4jnorm.examples.TrainDigitsCnn}
 * with the normalization of your choice, {@link io.github.dl4jnorm.examples.CompareNorms} with all of them, and
 * {@link io.github.dl4jnorm.examples.TrainDigitsSameDiff} with SameDiff ops.
 */
package io.github.dl4jnorm.examples;
