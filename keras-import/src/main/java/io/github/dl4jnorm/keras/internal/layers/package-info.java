/** Keras layers that this library imports in DL4J's place. */
package io.github.dl4jnorm.keras.internal.layers;
