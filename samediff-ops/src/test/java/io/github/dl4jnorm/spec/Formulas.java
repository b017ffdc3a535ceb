package io.github.dl4jnorm.spec;

import io.github.dl4jnorm.testing.Expected;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Every row of {@link Statistic} as loops over plain doubles, for any shape and roles of axes, with the formulas written
 * out once more: nothing here asks the table, and everything comes from x alone.
 *
 * <p>All arrays are flat, in 'c' order: statistics of the kept axes, parameters of the affine ones, both in increasing
 * order of axes. A null gamma is a factor of 1, a null beta is 0. The magnitudes say what rounding errors are
 * proportional to: those of a result, and those of the statistics that enter it.
 */
public final class Formulas {
    private final Statistic statistic;
    private final double eps;
    private final boolean unitOffset;
    private final int[] group;
    private final int[] parameter;
    private final int groups;
    private final int parameters;
    private final int size;

    /** The given mean and variance, or null. */
    private double[] mean;

    private double[] variance;

    /** Whether c is known but for its rounding only. */
    private boolean roundedCenter;

    /**
     * A normalization of arrays of one shape.
     *
     * @param spec statistic, ε and offset; its axes and activation do not matter
     * @param shape shape of x
     * @param kept the kept axes
     * @param affine the axes along which parameters vary
     */
    public Formulas(NormSpec spec, long[] shape, int[] kept, int... affine) {
        this.statistic = spec.statistic();
        this.eps = spec.eps();
        this.unitOffset = spec.unitOffset();
        this.group = along(shape, kept);
        this.parameter = along(shape, affine);
        this.groups = count(shape, kept);
        this.parameters = count(shape, affine);
        this.size = group.length / groups;
    }

    /**
     * Sets the statistics of {@link Statistic#GIVEN}.
     *
     * @param means μ per group
     * @param variances σ² per group
     * @return this
     */
    public Formulas given(double[] means, double... variances) {
        mean = means.clone();
        variance = variances.clone();
        return this;
    }

    /**
     * Allows for a c that was rounded to its type, without a residual: x − c errs by a share of c then.
     *
     * @return this
     */
    public Formulas withRoundedCenter() {
        roundedCenter = true;
        return this;
    }

    /**
     * The result of the forward pass.
     *
     * @param y γ·x̂ + β, before an activation
     * @param center c
     * @param measure q
     * @param scale s
     */
    public record Forward(Expected y, Expected center, Expected measure, Expected scale) {}

    /**
     * The result of the backward pass.
     *
     * @param dx gradient of x
     * @param dGamma gradient of gamma
     * @param dBeta gradient of beta
     */
    public record Backward(Expected dx, Expected dGamma, Expected dBeta) {}

    /** Statistics of x, per group. */
    private final class Statistics {
        /** An element of the group, and how far c is from it. */
        final double[] base = new double[groups];

        final double[] fromBase = new double[groups];
        final double[] q = new double[groups];
        final double[] s = new double[groups];

        /** The relative error of s that a relative error of 1 in every element makes. */
        final double[] condition = new double[groups];

        Statistics(double... x) {
            Arrays.fill(condition, 1);
            switch (statistic) {
                case MEAN_VARIANCE -> {
                    for (int i = x.length - 1; i >= 0; i--) {
                        base[group[i]] = x[i];
                    }
                    for (int i = 0; i < x.length; i++) {
                        fromBase[group[i]] += (x[i] - base[group[i]]) / size;
                    }
                    for (int i = 0; i < x.length; i++) {
                        double centered = x[i] - base[group[i]] - fromBase[group[i]];
                        q[group[i]] += centered * centered / size;
                    }
                }
                case ROOT_MEAN_SQUARE -> {
                    for (int i = 0; i < x.length; i++) {
                        q[group[i]] += x[i] * x[i] / size;
                    }
                }
                case L2 -> {
                    for (int i = 0; i < x.length; i++) {
                        q[group[i]] += x[i] * x[i];
                    }
                }
                case SUM -> {
                    double[] absolute = new double[groups];
                    for (int i = 0; i < x.length; i++) {
                        q[group[i]] += x[i];
                        absolute[group[i]] += Math.abs(x[i]);
                    }
                    for (int k = 0; k < groups; k++) {
                        condition[k] = Math.max(1, absolute[k] / Math.abs(q[k] + eps));
                    }
                }
                case GIVEN -> {
                    System.arraycopy(mean, 0, base, 0, groups);
                    System.arraycopy(variance, 0, q, 0, groups);
                }
            }
            for (int k = 0; k < groups; k++) {
                s[k] = statistic == Statistic.SUM ? 1 / (q[k] + eps) : 1 / Math.sqrt(q[k] + eps);
            }
        }

        double xHat(double[] x, int i) {
            int k = group[i];
            return (x[i] - base[k] - fromBase[k]) * s[k];
        }

        /** |x̂| and what an error of the mean, of the size of the spread of the group, adds. */
        double magnitude(double[] x, int i) {
            int k = group[i];
            double shift = statistic == Statistic.MEAN_VARIANCE ? 1 : 0;
            double rounding = roundedCenter ? Math.abs((base[k] + fromBase[k]) * s[k]) : 0;
            return (Math.abs(xHat(x, i)) + shift + rounding) * condition[k];
        }
    }

    /**
     * y = γ·x̂ + β.
     *
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     * @return y and the statistics
     */
    public Forward forward(double[] x, double[] gamma, double... beta) {
        Statistics statistics = new Statistics(x);
        double[] y = new double[x.length];
        double[] magnitudes = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            double bias = beta == null ? 0 : beta[parameter[i]];
            y[i] = factor(gamma, i) * statistics.xHat(x, i) + bias;
            magnitudes[i] = Math.abs(factor(gamma, i)) * statistics.magnitude(x, i) + Math.abs(bias);
        }
        double[] center = new double[groups];
        double[] spread = new double[groups];
        double[] measure = new double[groups];
        double[] scale = new double[groups];
        for (int k = 0; k < groups; k++) {
            center[k] = statistics.base[k] + statistics.fromBase[k];
            spread[k] = Math.sqrt(Math.abs(statistics.q[k]));
            measure[k] = Math.abs(statistics.q[k]) * statistics.condition[k];
            scale[k] = Math.abs(statistics.s[k]) * statistics.condition[k];
        }
        return new Forward(
                new Expected(y, magnitudes, sumLength()),
                new Expected(center, spread, sumLength()),
                new Expected(statistics.q, measure, sumLength()),
                new Expected(statistics.s, scale, sumLength()));
    }

    /**
     * The gradients, each from the derivative of x̂ of its own statistic.
     *
     * @param x the forward's input
     * @param dy gradient of γ·x̂ + β, behind an activation
     * @param gamma γ or null
     * @return all gradients
     */
    public Backward backward(double[] x, double[] dy, double... gamma) {
        Statistics statistics = new Statistics(x);
        double[] sumG = new double[groups];
        double[] sumGXHat = new double[groups];
        double[] absoluteG = new double[groups];
        double[] absoluteGXHat = new double[groups];
        double[] dGamma = new double[parameters];
        double[] dBeta = new double[parameters];
        double[] absoluteGamma = new double[parameters];
        double[] absoluteBeta = new double[parameters];
        for (int i = 0; i < x.length; i++) {
            double g = factor(gamma, i) * dy[i];
            double xHat = statistics.xHat(x, i);
            double magnitude = statistics.magnitude(x, i);
            sumG[group[i]] += g;
            sumGXHat[group[i]] += g * xHat;
            absoluteG[group[i]] += Math.abs(g);
            absoluteGXHat[group[i]] += Math.abs(g) * magnitude;
            dGamma[parameter[i]] += dy[i] * xHat;
            dBeta[parameter[i]] += dy[i];
            absoluteGamma[parameter[i]] += Math.abs(dy[i]) * magnitude;
            absoluteBeta[parameter[i]] += Math.abs(dy[i]);
        }
        double[] dx = new double[x.length];
        double[] magnitudes = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int k = group[i];
            double g = factor(gamma, i) * dy[i];
            double s = statistics.s[k];
            double xHat = statistics.xHat(x, i);
            double magnitude = statistics.magnitude(x, i);
            double subtracted =
                    switch (statistic) {
                        case MEAN_VARIANCE -> (sumG[k] + xHat * sumGXHat[k]) / size;
                        case ROOT_MEAN_SQUARE -> xHat * sumGXHat[k] / size;
                        case L2 -> xHat * sumGXHat[k];
                        case SUM -> sumGXHat[k];
                        case GIVEN -> 0;
                    };
            double absolute =
                    switch (statistic) {
                        case MEAN_VARIANCE -> (absoluteG[k] + magnitude * absoluteGXHat[k]) / size;
                        case ROOT_MEAN_SQUARE -> magnitude * absoluteGXHat[k] / size;
                        case L2 -> magnitude * absoluteGXHat[k];
                        case SUM -> absoluteGXHat[k];
                        case GIVEN -> 0;
                    };
            dx[i] = s * (g - subtracted);
            magnitudes[i] = Math.abs(s) * statistics.condition[k] * (Math.abs(g) + absolute);
        }
        long perParameter = x.length / parameters;
        return new Backward(
                new Expected(dx, magnitudes, sumLength()),
                new Expected(dGamma, absoluteGamma, Math.max(perParameter, sumLength())),
                new Expected(dBeta, absoluteBeta, perParameter));
    }

    /** Elements of the longest sum that enters a statistic. */
    private long sumLength() {
        return statistic == Statistic.GIVEN ? 1 : size;
    }

    private double factor(double[] gamma, int element) {
        double own = gamma == null ? 1 : gamma[parameter[element]];
        return unitOffset && gamma != null ? 1 + own : own;
    }

    /** For every element the position, in 'c' order, of its indices along some of the axes. */
    private static int[] along(long[] shape, int... axes) {
        boolean[] varies = new boolean[shape.length];
        for (int axis : axes) {
            varies[axis] = true;
        }
        int length = count(shape, IntStream.range(0, shape.length).toArray());
        int[] positions = new int[length];
        for (int i = 0; i < length; i++) {
            int rest = i;
            int step = 1;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                int size = (int) shape[axis];
                int index = rest % size;
                if (varies[axis]) {
                    positions[i] += index * step;
                    step *= size;
                }
                rest /= size;
            }
        }
        return positions;
    }

    private static int count(long[] shape, int... axes) {
        return (int) IntStream.of(axes).mapToLong(a -> shape[a]).reduce(1, (a, b) -> a * b);
    }
}
