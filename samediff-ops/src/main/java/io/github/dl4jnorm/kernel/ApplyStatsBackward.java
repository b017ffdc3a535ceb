package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * The gradient of {@link ApplyStats}: dx = γ·r·dy, dGamma = Σdy·x̂, dBeta = Σdy.
 *
 * @param <A> type of staging array
 */
public final class ApplyStatsBackward<A> extends Pass<A> {
    /**
     * The backward pass.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param affine γ, and where its gradient and that of β go; β too if rectified
     * @param mean μ
     * @param invStd r
     * @param dx output
     */
    public ApplyStatsBackward(
            Operand<A> x, Operand<A> dy, Affine<A> affine, Operand<A> mean, Operand<A> invStd, Operand<A> dx) {
        super(dy, x, dx, affine, List.of(mean, invStd));
    }

    @Override
    Reduction reduction() {
        return affine.wantsGradients() ? Reduction.DOTS : Reduction.NONE;
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
        to.scale = invStd(statistics) * gamma;
    }
}
