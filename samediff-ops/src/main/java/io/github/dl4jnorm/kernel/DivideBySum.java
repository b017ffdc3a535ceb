package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * y = x/s with s = Σx + ε of each group.
 *
 * @param <A> type of staging array
 */
public final class DivideBySum<A> extends Pass<A> {
    private final double eps;

    /**
     * The forward pass.
     *
     * @param x input
     * @param eps ε
     * @param y output
     * @param sum s, output
     */
    public DivideBySum(Operand<A> x, double eps, Operand<A> y, Operand<A> sum) {
        super(x, null, y, Affine.none(), List.of(sum));
        this.eps = eps;
    }

    @Override
    Reduction reduction() {
        return Reduction.SUM;
    }

    @Override
    boolean readsStatistics() {
        return false;
    }

    @Override
    void finish(Sums sums, double[] statistics, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        double sum = sums.a + eps;
        statistics[0] = sum;
        to.scale = 1 / sum;
    }
}
