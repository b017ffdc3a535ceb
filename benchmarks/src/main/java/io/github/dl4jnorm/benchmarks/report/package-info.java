/** How results are written down. */
package io.github.dl4jnorm.benchmarks.report;
