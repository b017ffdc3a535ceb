package io.github.dl4jnorm.benchmarks.kernel;

/**
 * What a contender computed, in the order of the workload's shape.
 *
 * @param y output
 * @param dx gradient of x
 * @param dGamma gradient of γ; null if there is none
 * @param dBeta gradient of β; null if there is none
 */
record Results(float[] y, float[] dx, float[] dGamma, float[] dBeta) {}
