package io.github.dl4jnorm.internal.kernel;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Term;

/**
 * dx = s·(g − A − x̂·B) with g = γ·dy, dGamma = Σdy·x̂, dBeta = Σdy.
 *
 * @param <A> type of arrays
 */
public final class BackwardPass<A> extends NormPass<A> {
    /**
     * The pass.
     *
     * @param spec the normalization
     * @param groups the groups of x
     * @param x the forward's input
     * @param dy gradient of y
     * @param parameters γ, and where its gradient and that of β go; β too if there is an activation
     * @param statistics those of the forward pass
     * @param dx output
     */
    public BackwardPass(
            NormSpec spec,
            Groups groups,
            Operand<A> x,
            Operand<A> dy,
            ParameterOperands<A> parameters,
            StatisticOperands<A> statistics,
            Operand<A> dx) {
        super(spec, groups, reduction(spec.statistic(), parameters), dy, x, dx, parameters, statistics);
    }

    private static Reduction reduction(Statistic statistic, ParameterOperands<?> parameters) {
        boolean constant = statistic.a() == Term.ZERO && statistic.b() == Term.ZERO;
        return constant && !parameters.wantsGradients() ? Reduction.NONE : Reduction.DOTS;
    }

    @Override
    boolean readsStatistics() {
        return true;
    }

    @Override
    boolean mapsX() {
        return statistic().b() != Term.ZERO;
    }

    /** With x̂ = (x−c)·s − residual·s: dx = ((g − (A − residual·s·B)) − (x−c)·s·B)·s. */
    @Override
    void finish(Sums sums, double[] group, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        double sumGXHat = sumOfGradientTimesXHat(sums.a, sums.b, group);
        to.center = group[CENTER];
        to.slope = group[SCALE] * b(sums, sumGXHat, group);
        to.scale = group[SCALE] * gamma;
        double subtracted = statistic().a().of(sums.a, sumGXHat, sums.count) - times(group[RESIDUAL], to.slope);
        double rounded = loops.round(subtracted);
        to.gradientCenter = Double.isInfinite(rounded) ? subtracted : rounded;
        double left = subtracted - to.gradientCenter;
        to.shift = Double.isFinite(left) ? -times(left, to.scale) : 0;
    }

    private double b(Sums sums, double sumGXHat, double[] group) {
        return statistic().scale().isConstant(group[MEASURE], spec.eps())
                ? 0
                : statistic().b().of(sums.a, sumGXHat, sums.count);
    }
}
