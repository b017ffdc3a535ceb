/** Keras layers that this library imports in DL4J's place. */
@NullMarked
package io.github.dl4jnorm.keras.internal.layers;

import org.jspecify.annotations.NullMarked;
