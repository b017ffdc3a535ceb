/**
 * Keras models whose normalization layers become those of this library: {@link io.github.dl4jnorm.keras.KerasNormImport}
 * and {@link io.github.dl4jnorm.keras.KerasImporter} read them, and {@link io.github.dl4jnorm.keras.KerasNorms} adds what can be added to DL4J's own importer.
 */
@NullMarked
package io.github.dl4jnorm.keras;

import org.jspecify.annotations.NullMarked;
