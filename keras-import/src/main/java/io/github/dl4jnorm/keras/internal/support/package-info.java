/** What is known of Keras' layers: which are imported, which are refused and why, and the shapes they make. */
@NullMarked
package io.github.dl4jnorm.keras.internal.support;

import org.jspecify.annotations.NullMarked;
