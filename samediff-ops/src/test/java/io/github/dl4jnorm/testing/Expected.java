package io.github.dl4jnorm.testing;

/**
 * What an oracle expects of one output, and how far rounding may take a correct computation from it.
 *
 * <p>Each value is a sum of terms; its magnitude is the sum of their absolute values, which is what rounding errors are
 * proportional to, also where the terms cancel.
 *
 * @param values the exact values, up to rounding in double
 * @param magnitudes for each value the sum of the absolute values of its terms
 * @param length the number of elements in the longest sum that enters a value
 */
public record Expected(double[] values, double[] magnitudes, long length) {

    /** Room for a number of values. */
    static Expected zeros(int count, long length) {
        return new Expected(new double[count], new double[count], length);
    }

    void set(int i, double value, double magnitude) {
        values[i] = value;
        magnitudes[i] = magnitude;
    }

    /** Adds a term to a value. */
    void add(int i, double term) {
        add(i, term, Math.abs(term));
    }

    /** Adds a term whose error is proportional to more than its size. */
    void add(int i, double term, double magnitude) {
        values[i] += term;
        magnitudes[i] += magnitude;
    }
}
