package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * The gradient of {@link DivideBySum}: dx = (dy − Σ(dy·y))/s with y = x/s.
 *
 * @param <A> type of staging array
 */
public final class DivideBySumBackward<A> extends Pass<A> {
    /**
     * The backward pass.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param sum s of the forward pass
     * @param dx output
     */
    public DivideBySumBackward(Operand<A> x, Operand<A> dy, Operand<A> sum, Operand<A> dx) {
        super(dy, x, dx, Affine.none(), List.of(sum));
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
    void finish(Sums sums, double[] statistics, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        double sum = statistics[0];
        double mean = sums.b / sum;
        to.mean = loops.round(mean);
        affineMap(mean - to.mean, 1 / sum, 1, 0, to);
    }
}
