/** Whole networks, and what follows a normalization in one. */
package io.github.dl4jnorm.benchmarks.network;
