/** What an import tells its caller about each layer of a model. */
package io.github.dl4jnorm.keras.report;
