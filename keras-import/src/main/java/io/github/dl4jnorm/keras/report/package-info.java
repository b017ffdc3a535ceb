/** What an import tells its caller about each layer of a model. */
@NullMarked
package io.github.dl4jnorm.keras.report;

import org.jspecify.annotations.NullMarked;
