/**
 * BatchNorm, LayerNorm and sum-normalization with explicit, hand-derived gradients.
 *
 * <p>One idea is behind everything here: <em>one statistic per group, then an elementwise map</em>.
 *
 * <ul>
 *   <li>{@link io.github.dl4jnorm.NDNorm}: eager functions on INDArrays, forward and backward.
 *   <li>{@link io.github.dl4jnorm.SDNorm}: the same as SameDiff operations.
 *   <li>{@link io.github.dl4jnorm.internal.engine}: what computes them, on any ND4J backend.
 *   <li>{@link io.github.dl4jnorm.internal.samediff}: the SameDiff ops themselves.
 * </ul>
 */
@NullMarked
package io.github.dl4jnorm;

import org.jspecify.annotations.NullMarked;
