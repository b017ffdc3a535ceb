/** Changes of a Keras model on its way to DL4J's importer, one in each class. */
@NullMarked
package io.github.dl4jnorm.keras.internal.passes;

import org.jspecify.annotations.NullMarked;
