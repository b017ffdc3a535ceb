package io.github.dl4jnorm.benchmarks.measure;

import java.util.stream.DoubleStream;

/**
 * Where numbers lie, told without the outliers that a shared machine has.
 *
 * @param median the median; NaN if there are no numbers
 * @param lower the first quartile
 * @param upper the third quartile
 * @param lowerBound lower end of a 95 % confidence interval of the median
 * @param upperBound its upper end
 * @param count how many numbers
 */
public record Spread(double median, double lower, double upper, double lowerBound, double upperBound, int count) {
    /** Half the width, in standard deviations of a normal distribution, of what holds 95 % of it. */
    private static final double TWO_SIDED_95 = 1.96;

    /**
     * Describes numbers.
     *
     * @param numbers in any order
     * @return their spread
     */
    public static Spread of(DoubleStream numbers) {
        double[] sorted = numbers.sorted().toArray();
        int count = sorted.length;
        // The number of values below the median is binomial; so these order statistics enclose it.
        double half = TWO_SIDED_95 * Math.sqrt(count) / 2;
        return new Spread(
                at(sorted, (count - 1) / 2.0),
                at(sorted, (count - 1) / 4.0),
                at(sorted, (count - 1) * 3 / 4.0),
                at(sorted, Math.floor((count - 1) / 2.0 - half)),
                at(sorted, Math.ceil((count - 1) / 2.0 + half)),
                count);
    }

    /** The value at a rank, between two numbers where the rank is. */
    private static double at(double[] sorted, double rank) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double inside = Math.max(0, Math.min(sorted.length - 1, rank));
        int below = (int) inside;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (inside - below) * (sorted[above] - sorted[below]);
    }
}
