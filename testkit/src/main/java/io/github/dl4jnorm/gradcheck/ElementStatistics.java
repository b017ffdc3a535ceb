package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The statistics of a {@link Statistic}, of every element's group.
 *
 * @param statistic where they come from
 * @param eps ε
 * @param divisor what a mean of squares is a sum divided by: M, or M − 1 for the unbiased variance
 * @param x the elements
 * @param center c
 * @param measure q
 */
record ElementStatistics(
        Statistic statistic, double eps, double divisor, double[] x, double[] center, double[] measure) {

    /**
     * Statistics that come from x.
     *
     * @throws IllegalStateException if they are given
     */
    static ElementStatistics of(Statistic statistic, double eps, GroupIndex groups, double... x) {
        return of(statistic, eps, groups, groups.size(), x);
    }

    /**
     * Statistics that come from x, with another divisor than M for a mean of squares.
     *
     * @throws IllegalStateException if they are given
     */
    static ElementStatistics of(Statistic statistic, double eps, GroupIndex groups, double divisor, double[] x) {
        double[] center =
                switch (statistic.center()) {
                    case NONE -> new double[x.length];
                    case MEAN -> groups.means(x);
                    case GIVEN_MEAN -> throw new IllegalStateException("a given mean is not computed");
                };
        double[] summed =
                switch (statistic.measure()) {
                    case SUM_OF_VALUES -> x;
                    case SUM_OF_SQUARES, MEAN_OF_SQUARES ->
                        IntStream.range(0, x.length)
                                .mapToDouble(i -> (x[i] - center[i]) * (x[i] - center[i]))
                                .toArray();
                    case GIVEN_VARIANCE -> throw new IllegalStateException("a given variance is not computed");
                };
        double[] measure = groups.sums(summed);
        for (int i = 0; i < measure.length; i++) {
            measure[i] = statistic.measure().of(measure[i], divisor);
        }
        return new ElementStatistics(statistic, eps, divisor, x, center, measure);
    }

    /** The same with another ε. */
    ElementStatistics with(double otherEps) {
        return new ElementStatistics(statistic, otherEps, divisor, x, center, measure);
    }

    /** s. */
    double[] scale() {
        return scale(eps);
    }

    /** s with another ε. */
    double[] scale(double otherEps) {
        return each(i -> statistic.scale().of(measure[i], otherEps));
    }

    /** 1, or 0 where s is a constant, so that there is no path through it. */
    double[] scaleVaries() {
        return each(i -> statistic.scale().isConstant(measure[i], eps) ? 0 : 1);
    }

    /** x − c. */
    double[] centered() {
        return each(i -> x[i] - center[i]);
    }

    /** x̂. */
    double[] xHat() {
        return each(i -> (x[i] - center[i]) * statistic.scale().of(measure[i], eps));
    }

    private double[] each(IntToDoubleFunction f) {
        return IntStream.range(0, x.length).mapToDouble(f).toArray();
    }
}
