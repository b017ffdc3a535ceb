/** A Keras model as layers and their calls, whatever version of Keras wrote it. */
package io.github.dl4jnorm.keras.internal.model;
