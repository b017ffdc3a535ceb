package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Series;
import io.github.dl4jnorm.benchmarks.measure.Spread;
import java.util.Map;

/**
 * A pass over a workload by everyone who can.
 *
 * @param workload what was computed
 * @param phase forward, backward or both
 * @param series who was how fast
 * @param errors errors of y, dx, dγ and dβ, by contender; a contender without an entry has no results
 */
public record KernelRow(
        Workload workload, Phase phase, Map<Contender, Series> series, Map<Contender, double[]> errors) {
    private static final Series NOTHING = new Series();

    Series of(Contender contender) {
        return series.getOrDefault(contender, NOTHING);
    }

    /** Times of one contender as multiples of another's in the same rounds. */
    Spread ratio(Contender contender, Contender to) {
        return of(contender).ratioTo(of(to));
    }

    /** The largest relative error of what the pass computes; NaN if it computes nothing. */
    double error(Contender contender) {
        double[] all = errors.get(contender);
        if (all == null) {
            return Double.NaN;
        }
        double backward = Math.max(all[1], Math.max(all[2], all[3]));
        return switch (phase) {
            case FORWARD -> all[0];
            case BACKWARD -> backward;
            default -> Math.max(all[0], backward);
        };
    }
}
