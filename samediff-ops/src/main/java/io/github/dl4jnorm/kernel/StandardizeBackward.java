package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * The gradient of {@link Standardize}: dx = r·(g − Σg/M − x̂·Σ(g·x̂)/M) with g = γ·dy, dGamma = Σdy·x̂, dBeta = Σdy.
 *
 * @param <A> type of staging array
 */
public final class StandardizeBackward<A> extends Pass<A> {
    /**
     * The backward pass.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param affine γ, and where its gradient and that of β go; β too if rectified
     * @param mean μ of the forward pass
     * @param meanRest what its rounding left over, for the rectifier; or null for 0
     * @param invStd r of the forward pass
     * @param dx output
     */
    public StandardizeBackward(
            Operand<A> x,
            Operand<A> dy,
            Affine<A> affine,
            Operand<A> mean,
            Operand<A> meanRest,
            Operand<A> invStd,
            Operand<A> dx) {
        super(dy, x, dx, affine, Arrays.asList(mean, meanRest, invStd));
    }

    @Override
    Reduction reduction() {
        return Reduction.DOTS;
    }

    @Override
    boolean readsStatistics() {
        return true;
    }

    @Override
    boolean mapsCompanion() {
        return true;
    }

    @Override
    double mean(double[] group) {
        return group[0];
    }

    @Override
    double meanRest(double[] group) {
        return group[1];
    }

    @Override
    double invStd(double[] group) {
        return group[2];
    }

    /** With b = Σg(x−μ): dx = ((g − a/M) − (x−μ)·r²·b/M)·r. */
    @Override
    void finish(Sums sums, double[] statistics, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        double r = invStd(statistics);
        to.mean = mean(statistics);
        to.meanGradient = sums.a / sums.count;
        to.slope = r * (r * (sums.b / sums.count));
        to.scale = r * gamma;
    }
}
