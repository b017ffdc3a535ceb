/**
 * Benchmarks against the peers, in one run and with equal threads.
 *
 * <p>A {@link io.github.dl4jnorm.benchmarks.Workload} is a normalization of an array of some shape; a {@link
 * io.github.dl4jnorm.benchmarks.Contender} computes it, forward and backward. {@link
 * io.github.dl4jnorm.benchmarks.Benchmarks} is the command.
 */
package io.github.dl4jnorm.benchmarks;
