/** Saved Keras models as files: where configuration and weights are, and whether weights fit. */
package io.github.dl4jnorm.keras.internal.file;
