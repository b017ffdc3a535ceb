package io.github.dl4jnorm.benchmarks.measure;

import java.util.Map;
import java.util.TreeMap;

/** The samples of one contender by round. */
public final class Series {
    private final Map<Integer, Sample> samples = new TreeMap<>();

    /** An empty series. */
    public Series() {}

    void add(int round, Sample sample) {
        samples.put(round, sample);
    }

    /**
     * Appends the rounds of another run.
     *
     * @param later what was measured later
     */
    public void append(Series later) {
        int offset =
                samples.keySet().stream().mapToInt(round -> round + 1).max().orElse(0);
        later.samples.forEach((round, sample) -> samples.put(offset + round, sample));
    }

    /**
     * Time per call.
     *
     * @return milliseconds
     */
    public Spread milliseconds() {
        return Spread.of(samples.values().stream().mapToDouble(s -> s.nanos() * 1e-6));
    }

    /**
     * Heap per call.
     *
     * @return bytes
     */
    public Spread bytes() {
        return Spread.of(samples.values().stream().mapToDouble(Sample::bytes));
    }

    /**
     * How many times as long as another one this takes, round by round.
     *
     * @param other who was measured in the same rounds
     * @return ratios of times of the rounds that both took part in
     */
    public Spread ratioTo(Series other) {
        return Spread.of(samples.keySet().stream()
                .filter(other.samples::containsKey)
                .mapToDouble(round ->
                        samples.get(round).nanos() / other.samples.get(round).nanos()));
    }
}
