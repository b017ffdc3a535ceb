package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * y = γ·(x−μ)·r + β with given μ and r.
 *
 * @param <A> type of staging array
 */
public final class ApplyStats<A> extends Pass<A> {
    /**
     * The forward pass.
     *
     * @param x input
     * @param affine γ and β
     * @param mean μ
     * @param invStd r
     * @param y output
     */
    public ApplyStats(Operand<A> x, Affine<A> affine, Operand<A> mean, Operand<A> invStd, Operand<A> y) {
        super(x, null, y, affine, List.of(mean, invStd));
    }

    @Override
    Reduction reduction() {
        return Reduction.NONE;
    }

    @Override
    boolean readsStatistics() {
        return true;
    }

    @Override
    double mean(double[] group) {
        return group[0];
    }

    @Override
    double invStd(double[] group) {
        return group[1];
    }

    @Override
    void finish(Sums sums, double[] statistics, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        forwardMap(statistics, gamma, beta, to);
    }
}
