package io.github.dl4jnorm.benchmarks;

/**
 * One number of the table.
 *
 * @param workload title of the workload, or of the training step
 * @param contender title of the contender, or "" for a training step
 * @param phase forward, backward, both or step
 * @param microseconds median time of a call
 * @param bytesPerCall heap allocated per call
 */
record Measurement(String workload, String contender, String phase, double microseconds, double bytesPerCall) {}
