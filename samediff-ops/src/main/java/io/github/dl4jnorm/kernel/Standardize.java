package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * y = γ·(x−μ)·r + β with μ, σ² and r = 1/√(σ²+ε) of each group.
 *
 * @param <A> type of staging array
 */
public final class Standardize<A> extends Pass<A> {
    private final double eps;

    /**
     * The forward pass.
     *
     * @param x input
     * @param affine γ and β
     * @param eps ε
     * @param y output
     * @param mean μ, output
     * @param variance σ², output
     * @param invStd r, output
     */
    public Standardize(
            Operand<A> x,
            Affine<A> affine,
            double eps,
            Operand<A> y,
            Operand<A> mean,
            Operand<A> variance,
            Operand<A> invStd) {
        super(x, null, y, affine, List.of(mean, variance, invStd));
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
    void finish(Sums sums, double[] statistics, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        double variance = sums.b / sums.count;
        double invStd = 1 / Math.sqrt(variance + eps);
        double mean = sums.base + sums.a;
        statistics[0] = mean;
        statistics[1] = variance;
        statistics[2] = invStd;
        to.mean = loops.round(mean);
        affineMap(to.mean - sums.base - sums.a, invStd, gamma, beta, to);
    }
}
