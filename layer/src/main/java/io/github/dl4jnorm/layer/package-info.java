/**
 * Normalization layers for {@code MultiLayerNetwork} and {@code ComputationGraph}: {@link
 * io.github.dl4jnorm.layer.BatchNorm}, {@link io.github.dl4jnorm.layer.LayerNorm} and {@link
 * io.github.dl4jnorm.layer.SumNorm}.
 *
 * <p>A configuration class knows sizes and formats; its implementation checks what arrives, allocates in DL4J's
 * workspaces and leaves all mathematics to a {@link io.github.dl4jnorm.internal.engine.NormEngine}. Masked positions leave the
 * computation before the engine sees them.
 *
 * @serial exclude
 */
@NullMarked
package io.github.dl4jnorm.layer;

import org.jspecify.annotations.NullMarked;
