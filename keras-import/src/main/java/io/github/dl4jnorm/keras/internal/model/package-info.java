/** A Keras model as layers and their calls, whatever version of Keras wrote it. */
@NullMarked
package io.github.dl4jnorm.keras.internal.model;

import org.jspecify.annotations.NullMarked;
