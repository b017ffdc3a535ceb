package io.github.dl4jnorm.benchmarks.measure;

/** Something with its data in memory, ready to be computed again and again. */
public interface Task extends AutoCloseable {
    /**
     * Computes.
     *
     * @param phase which part of it
     */
    void call(Phase phase);

    /**
     * Computes, and says how long it took.
     *
     * @param phase which part of it
     * @return nanoseconds
     */
    default long time(Phase phase) {
        long begin = System.nanoTime();
        call(phase);
        return System.nanoTime() - begin;
    }

    /**
     * How far the results are from the exact ones.
     *
     * @return errors, in an order that the task defines; empty if it does not know
     */
    default double[] errors() {
        return new double[0];
    }

    @Override
    default void close() {}
}
