package io.github.dl4jnorm.benchmarks.measure;

/**
 * The mean of one batch of calls.
 *
 * @param nanos time per call
 * @param bytes Java heap allocated per call, by all threads
 */
public record Sample(double nanos, double bytes) {}
