package io.github.dl4jnorm.benchmarks.measure;

/**
 * How long to measure.
 *
 * @param warmUpSeconds calls of each contender before the first round
 * @param sliceSeconds calls of each contender in a round
 * @param rounds number of rounds
 * @param pauseSeconds rest before a contender's turn, in which helper threads of the previous one fall asleep
 */
public record Effort(double warmUpSeconds, double sliceSeconds, int rounds, double pauseSeconds) {}
