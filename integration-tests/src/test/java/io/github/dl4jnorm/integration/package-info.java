/**
 * Whole networks: gradients, training, running statistics, freezing, masks, saving, memory.
 *
 * <p>{@link io.github.dl4jnorm.integration.Kind} says what surrounds a normalization layer, {@link
 * io.github.dl4jnorm.integration.Networks} puts networks together and {@link io.github.dl4jnorm.integration.Gradients}
 * checks their gradients.
 */
package io.github.dl4jnorm.integration;
