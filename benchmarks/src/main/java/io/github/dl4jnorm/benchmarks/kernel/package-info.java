/**
 * Single normalizations: the workloads, who computes them, and how far the results are from exact ones. What a process
 * without DL4J needs does not refer to DL4J.
 */
package io.github.dl4jnorm.benchmarks.kernel;
