/**
 * What a normalization is, as values: {@link io.github.dl4jnorm.spec.Statistic} is the table that all of them come from,
 * {@link io.github.dl4jnorm.spec.NormSpec} names each one. Plain Java, without arrays: every other package builds on it.
 */
@NullMarked
package io.github.dl4jnorm.spec;

import org.jspecify.annotations.NullMarked;
