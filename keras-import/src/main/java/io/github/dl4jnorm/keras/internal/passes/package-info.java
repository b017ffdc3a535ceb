/** Changes of a Keras model on its way to DL4J's importer, one in each class. */
package io.github.dl4jnorm.keras.internal.passes;
