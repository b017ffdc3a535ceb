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

    /** Whether the statistics are given; else the pass computes them. */
    abstract boolean readsStatistics();

    /** The m of {@link Reduction#DOTS}, given the statistics of a group. */
    double mean(double[] group) {
        return 0;
    }

    /** 1/√(σ²+ε), given the statistics of a group. */
    double invStd(double[] group) {
        return 1;
    }

    /** μ less the mean, which is rounded, given the statistics of a group. */
    double meanRest(double[] group) {
        return 0;
    }

    /**
     * Turns the sums of a group into the coefficients of its map, and into its statistics unless these are given.
     *
     * @param sums the sums that {@link #reduction} asked for
     * @param statistics in the order of {@link #statistics}; modified if not given
     * @param gamma factor of the whole group
     * @param beta shift of the whole group
     * @param to result
     * @param loops for rounding
     */
    abstract void finish(
            Sums sums, double[] statistics, double gamma, double beta, Coefficients to, InnerLoops<A> loops);

    final boolean isBackward() {
        return companion != null;
    }

    /** Whether this is a backward pass through a rectifier, which repeats the forward map to find what was negative. */
    final boolean repeatsForwardMap() {
        return isBackward() && affine.rectified();
    }

    /**
     * Sets the coefficients of y = γ·(x−μ)·r + β, in a forward pass and where a backward pass repeats its map: from
     * statistics as they are stored, so that both get the same bits.
     */
    final void forwardMap(double[] group, double gamma, double beta, Coefficients to) {
        to.mean = mean(group);
        affineMap(meanRest(group), invStd(group), gamma, beta, to);
    }

    /**
     * The rest of the coefficients of y = γ·(x−μ)·r + β.
     *
     * @param rest how much {@link Coefficients#mean} is below μ, by rounding; made up for by the shift
     */
    static void affineMap(double rest, double invStd, double gamma, double beta, Coefficients to) {
        to.scale = invStd * gamma;
        to.shift = rest == 0 ? beta : beta - rest * to.scale;
    }
}
