package io.github.dl4jnorm.spark;

import java.util.ArrayList;
import java.util.List;

/**
 * How the batches of an epoch are shared out among the workers: in rounds, after each of which the workers' networks are
 * averaged. By itself, DL4J gives one worker after the other its full share of a round, so that the last ones may get
 * nothing, and drops the batches that are left over after whole rounds.
 *
 * @param batches number of batches in an epoch
 * @param workers number of workers
 * @param averaging most batches of a worker between two averages
 */
record Deal(int batches, int workers, int averaging) {
    Deal {
        averaging = Math.min(averaging, batches);
    }

    /** The number of batches in a whole round. */
    private int round() {
        return (int) Math.min(batches, (long) workers * averaging);
    }

    /**
     * Cuts an epoch into rounds.
     *
     * @param <T> what stands for a batch
     * @param epoch all batches
     * @return rounds, of which the last may be shorter
     */
    <T> List<List<T>> rounds(List<T> epoch) {
        List<List<T>> rounds = new ArrayList<>();
        for (int start = 0; start < batches; start += round()) {
            rounds.add(new ArrayList<>(epoch.subList(start, Math.min(batches, start + round()))));
        }
        return rounds;
    }

    /**
     * The part of a worker, which is that of a partition in {@code JavaSparkContext.parallelize}.
     *
     * @param size number of batches in a round
     * @param worker which one, from 0
     * @return its number of batches
     */
    private int share(int size, int worker) {
        return (int) ((worker + 1L) * size / workers - (long) worker * size / workers);
    }

    /**
     * Steps between two averages: those of the worker with most of them.
     *
     * @param size number of batches in the round
     * @return ⌈size / workers⌉
     */
    int steps(int size) {
        return (size + workers - 1) / workers;
    }

    /**
     * What each worker gets in an epoch.
     *
     * @return number of batches by worker
     */
    int[] perWorker() {
        int[] sums = new int[workers];
        for (int start = 0; start < batches; start += round()) {
            int size = Math.min(batches - start, round());
            for (int worker = 0; worker < workers; worker++) {
                sums[worker] += share(size, worker);
            }
        }
        return sums;
    }
}
