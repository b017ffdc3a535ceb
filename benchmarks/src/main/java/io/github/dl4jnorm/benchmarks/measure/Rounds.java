package io.github.dl4jnorm.benchmarks.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks contenders in turn, round after round. */
public final class Rounds {
    /** A slow contender takes part in so many rounds at least, evenly spread. */
    private static final int LEAST = 3;

    private Rounds() {}

    /**
     * Measures prepared workers side by side. Each round begins with another one. A contender whose calls are longer than
     * a slice leaves out rounds, so that it takes about twice its share of time at most.
     *
     * @param <K> names of the contenders
     * @param workers the contenders
     * @param phase what to call
     * @param effort how long
     * @return what was measured
     */
    public static <K> Map<K, Series> run(Map<K, Worker> workers, Phase phase, Effort effort) {
        return run(workers, phase, effort, 2 * effort.sliceSeconds());
    }

    /**
     * The same with everyone in every round, however long that takes.
     *
     * @param <K> names of the contenders
     * @param workers the contenders
     * @param phase what to call
     * @param effort how long
     * @return what was measured
     */
    public static <K> Map<K, Series> runAll(Map<K, Worker> workers, Phase phase, Effort effort) {
        return run(workers, phase, effort, Double.POSITIVE_INFINITY);
    }

    private static <K> Map<K, Series> run(Map<K, Worker> workers, Phase phase, Effort effort, double shareSeconds) {
        Map<K, Series> result = new LinkedHashMap<>();
        Map<K, Double> seconds = new LinkedHashMap<>();
        workers.forEach((name, worker) -> {
            worker.sample(phase, effort.warmUpSeconds());
            result.put(name, new Series());
            seconds.put(name, 0.0);
        });
        List<K> names = new ArrayList<>(workers.keySet());
        for (int round = 0; round < effort.rounds(); round++) {
            boolean all = isForAll(round, effort.rounds());
            for (int turn = 0; turn < names.size(); turn++) {
                K name = names.get((round + turn) % names.size());
                if (all || seconds.get(name) <= shareSeconds * round) {
                    pause(effort.pauseSeconds());
                    long begin = System.nanoTime();
                    result.get(name).add(round, workers.get(name).sample(phase, effort.sliceSeconds()));
                    seconds.merge(name, (System.nanoTime() - begin) * 1e-9, Double::sum);
                }
            }
        }
        return result;
    }

    /** The first and the last round, and those between that make {@link #LEAST}. */
    private static boolean isForAll(int round, int rounds) {
        return rounds <= LEAST || round * (LEAST - 1) % (rounds - 1) < LEAST - 1;
    }

    private static void pause(double seconds) {
        try {
            Thread.sleep((long) (seconds * 1000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
