package io.github.dl4jnorm.benchmarks.measure;

/** Takes one sample: as many calls as fit some time. */
final class Meter {
    private final Heap heap = new Heap();

    /**
     * Calls a task. The first call brings its data back into the caches, where others' may be, and does not count, unless
     * it takes all the time.
     */
    Sample sample(Task task, Phase phase, long nanos) {
        long mark = heap.mark();
        long first = task.time(phase);
        if (first >= nanos) {
            return new Sample(first, heap.since(mark));
        }
        mark = heap.mark();
        long time = 0;
        long calls = 0;
        while (time < nanos) {
            time += task.time(phase);
            calls++;
        }
        return new Sample((double) time / calls, (double) heap.since(mark) / calls);
    }
}
