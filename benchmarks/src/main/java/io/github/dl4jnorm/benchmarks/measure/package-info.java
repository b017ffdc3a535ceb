/**
 * Measuring in turn: every contender lives in a process of its own, and a driver asks one after the other, round after
 * round, for a short batch of calls. What disturbs the machine for a while so disturbs all of them.
 */
package io.github.dl4jnorm.benchmarks.measure;
