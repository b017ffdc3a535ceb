/** Saved Keras models as files: where configuration and weights are, and whether weights fit. */
@NullMarked
package io.github.dl4jnorm.keras.internal.file;

import org.jspecify.annotations.NullMarked;
