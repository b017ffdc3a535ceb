/**
 * Benchmarks against the peers, in one run and with equal threads; {@link io.github.dl4jnorm.benchmarks.Benchmarks} is the
 * command. {@code measure} knows how to measure contenders in turn, {@code kernel} single normalizations, {@code network}
 * whole networks.
 */
package io.github.dl4jnorm.benchmarks;
