/** What is known of Keras' layers: which are imported, which are refused and why, and the shapes they make. */
package io.github.dl4jnorm.keras.internal.support;
