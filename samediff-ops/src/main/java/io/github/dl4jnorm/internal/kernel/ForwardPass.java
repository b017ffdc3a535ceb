package io.github.dl4jnorm.internal.kernel;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;

/**
 * y = a(γ·x̂ + β) with x̂ = (x−c)·s.
 *
 * @param <A> type of arrays
 */
public final class ForwardPass<A> extends NormPass<A> {
    /**
     * The pass.
     *
     * @param spec the normalization
     * @param groups the groups of x
     * @param x input
     * @param parameters γ and β
     * @param statistics read if they are given, else written
     * @param y output
     */
    public ForwardPass(
            NormSpec spec,
            Groups groups,
            Operand<A> x,
            ParameterOperands<A> parameters,
            StatisticOperands<A> statistics,
            Operand<A> y) {
        super(spec, groups, reduction(spec.statistic()), x, null, y, parameters, statistics);
    }

    private static Reduction reduction(Statistic statistic) {
        return switch (statistic.measure()) {
            case GIVEN_VARIANCE -> Reduction.NONE;
            case SUM_OF_VALUES -> Reduction.SUM;
            case SUM_OF_SQUARES, MEAN_OF_SQUARES -> statistic.isCentered() ? Reduction.MOMENTS : Reduction.SQUARES;
        };
    }

    @Override
    boolean readsStatistics() {
        return statistic().isGiven();
    }

    @Override
    boolean mapsX() {
        return false;
    }

    @Override
    void finish(Sums sums, double[] group, double gamma, double beta, Coefficients to, InnerLoops<A> loops) {
        if (!readsStatistics()) {
            compute(sums, group, loops);
        }
        forwardMap(group, gamma, beta, to);
    }

    private void compute(Sums sums, double[] group, InnerLoops<A> loops) {
        boolean centered = statistic().isCentered();
        group[CENTER] = centered ? loops.round(sums.a) : 0;
        group[RESIDUAL] = centered ? loops.round((sums.a - group[CENTER]) + sums.rest) : 0;
        double measure = statistic().measure().of(reduction() == Reduction.SUM ? sums.a : sums.b, sums.count);
        if (storesScale()) {
            group[MEASURE] = measure;
            double scale = statistic().scale().of(measure, spec.eps());
            double rounded = loops.round(scale);
            group[SCALE] = Range.isNormal(loops, rounded) ? rounded : scale;
        } else {
            group[MEASURE] = loops.round(measure);
            // What has no digits in its type is stored without, but the output need not suffer for that.
            boolean normal = Range.isNormal(loops, group[MEASURE]);
            group[SCALE] = statistic().scale().of(normal ? group[MEASURE] : measure, spec.eps());
        }
    }
}
