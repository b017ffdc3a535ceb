package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * One pass over arrays: what to sum over each group, and with which coefficients to map each element. The passes are
 * {@link Standardize}, {@link ApplyStats}, {@link DivideBySum} and their gradients. A new normalization is one of these
 * with other {@link Groups}, or a new subclass of a few lines.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
public abstract class Pass<A> {
    /** The array that is mapped: x forward, dy backward. */
    final Operand<A> in;

    /** x in a backward pass, else null. */
    final Operand<A> companion;

    final Operand<A> out;
    final Affine<A> affine;

    /** What a pass reads or writes per group. */
    final List<Operand<A>> statistics;

    Pass(Operand<A> in, Operand<A> companion, Operand<A> out, Affine<A> affine, List<Operand<A>> statistics) {
        this.in = in;
        this.companion = companion;
        this.out = out;
        this.affine = affine;
        this.statistics = statistics;
    }

    abstract Reduction reduction();

    /** Whether x takes part in the map of a backward pass, not only in the sums. */
    boolean mapsCompanion() {
        return false;
    }

    /** The m of {@link Reduction#DOTS} for the group at some place. */
    double mean(long[] place) {
        return 0;
    }

    /** 1/√(σ²+ε) of the group at some place, for the gradient of gamma. */
    double invStd(long[] place) {
        return 1;
    }

    /**
     * Turns the sums of a group into the coefficients of its map, and stores its statistics.
     *
     * @param place where the group is, per {@link Slot}
     * @param sums the sums that {@link #reduction} asked for
     * @param gamma factor of the whole group
     * @param beta shift of the whole group
     * @param to result
     * @param loops for rounding
     */
    abstract void finish(long[] place, Sums sums, double gamma, double beta, Coefficients to, InnerLoops<A> loops);

    final boolean isBackward() {
        return companion != null;
    }

    final double read(int statistic, long[] place) {
        Operand<A> from = statistics.get(statistic);
        return from.memory().get(from.offset() + place[Slot.STATISTIC + statistic]);
    }

    final void write(int statistic, long[] place, double value) {
        Operand<A> to = statistics.get(statistic);
        to.memory().put(to.offset() + place[Slot.STATISTIC + statistic], value);
    }

    /**
     * The rest of the coefficients of y = γ·(x−μ)·r + β.
     *
     * @param excess how much {@link Coefficients#mean} is above μ, by rounding; made up for by the shift
     */
    static void affineMap(double excess, double invStd, double gamma, double beta, Coefficients to) {
        to.scale = invStd * gamma;
        to.shift = excess == 0 ? beta : beta + excess * to.scale;
    }
}
