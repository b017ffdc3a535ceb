package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * y = γ·(x−μ)·r + β with μ, σ² and r = 1/√(σ²+ε) of each group.
 *
 * @param <A> type of staging array
 */
public final class Standardize<A> extends Pass<A> {
    private static final int MEAN = 0;
    private static final int MEAN_REST = 1;
    private static final int VARIANCE = 2;
    private static final int INV_STD = 3;

    private final double eps;

    /**
     * The forward pass.
     *
     * @param x input
     * @param affine γ and β
     * @param eps ε
     * @param y output
     * @param mean μ, output
     * @param meanRest what the rounding of the mean left over, output; or null if not wanted
     * @param variance σ², output
     * @param invStd r, output
     */
    public Standardize(
            Operand<A> x,
            Affine<A> affine,
            double eps,
            Operand<A> y,
            Operand<A> mean,
            Operand<A> meanRest,
            Operand<A> variance,
            Operand<A> invStd) {
        super(x, null, y, affine, Arrays.asList(mean, meanRest, variance, invStd));
        this.eps = eps;
    }

    @Override
    Reduction reduction() {
        return Reduction.MOMENTS;
    }

    @Override
    boolean readsStatistics() {
        return false;
    }

    @Override
    double mean(double[] group) {
        return group[MEAN];
    }

    @Override
    double meanRest(double[] group) {
        return group[MEAN_REST];
    }

    @Override
    double invStd(double[] group) {
        return group[INV_STD];
    }

    @Override
    void finish(Sums sums, double[] statistics, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        double variance = sums.b / sums.count;
        double mean = loops.round(sums.base + sums.a);
        statistics[MEAN] = mean;
        statistics[MEAN_REST] = loops.round(sums.base - mean + sums.a);
        statistics[VARIANCE] = variance;
        statistics[INV_STD] = loops.round(1 / Math.sqrt(variance + eps));
        forwardMap(statistics, gamma, beta, to);
    }
}
