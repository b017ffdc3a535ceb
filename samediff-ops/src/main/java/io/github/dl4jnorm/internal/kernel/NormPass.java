package io.github.dl4jnorm.internal.kernel;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Scale;
import org.jspecify.annotations.Nullable;

/**
 * One pass of a normalization over arrays: what to sum over each group, and with which coefficients to map each element,
 * as {@link Statistic} says. There are two, {@link ForwardPass} and {@link BackwardPass}.
 *
 * <p>The numbers of a group are a {@code double[]} with the places below, in the order of {@link StatisticOperands}.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
public abstract class NormPass<A> {
    static final int CENTER = 0;
    static final int RESIDUAL = 1;
    static final int MEASURE = 2;
    static final int SCALE = 3;

    /** How many times the smallest normal number the sum of rounded squares must be so that it is right. */
    private static final double SUBNORMALS = 0x1p11;

    final NormSpec spec;
    final Groups groups;

    /** Operand per {@link Slot}; null where there is none. */
    private final @Nullable Operand<A>[] operands;

    private final boolean backward;
    private final Reduction reduction;
    private final boolean storesScale;

    NormPass(
            NormSpec spec,
            Groups groups,
            Reduction reduction,
            Operand<A> in,
            @Nullable Operand<A> x,
            Operand<A> out,
            ParameterOperands<A> parameters,
            StatisticOperands<A> statistics) {
        this.spec = spec;
        this.groups = groups;
        this.reduction = reduction;
        this.storesScale = statistics.scale() != null;
        this.backward = x != null;
        @Nullable Operand<?>[] all = {
            in,
            x,
            out,
            parameters.gamma(),
            parameters.beta(),
            parameters.dGamma(),
            parameters.dBeta(),
            null,
            statistics.center(),
            statistics.centerResidual(),
            statistics.measure(),
            statistics.scale()
        };
        @SuppressWarnings("unchecked") // All of them are of this type.
        @Nullable Operand<A>[] typed = (@Nullable Operand<A>[]) all;
        this.operands = typed;
    }

    /** The operand of a {@link Slot}, or null. */
    final @Nullable Operand<A> operand(int slot) {
        return operands[slot];
    }

    final boolean has(int slot) {
        return operands[slot] != null;
    }

    final Statistic statistic() {
        return spec.statistic();
    }

    /** What is summed over each group. */
    final Reduction reduction() {
        return reduction;
    }

    /** Whether there is an operand for the scale; else it follows from the measure. */
    final boolean storesScale() {
        return storesScale;
    }

    /** Whether the statistics are known beforehand; else the pass computes them. */
    abstract boolean readsStatistics();

    /** Whether x takes part in the map of a backward pass, not only in the sums. */
    abstract boolean mapsX();

    /**
     * Turns the sums of a group into its statistics, unless these are known, and into the coefficients of its map.
     *
     * @param sums the sums that {@link #reduction} asks for
     * @param group the numbers of the group; modified if not known beforehand
     * @param gamma factor of the whole group
     * @param beta shift of the whole group
     * @param to result
     * @param loops for rounding
     */
    abstract void finish(Sums sums, double[] group, double gamma, double beta, Coefficients to, InnerLoops<A> loops);

    final boolean isBackward() {
        return backward;
    }

    final boolean isRectified() {
        return spec.activation() == FusedActivation.RELU;
    }

    /** Whether this is a backward pass through a rectifier, which repeats the forward map to find what was negative. */
    final boolean repeatsForwardMap() {
        return isBackward() && isRectified();
    }

    final boolean hasParameters() {
        return has(Slot.GAMMA) || has(Slot.BETA) || wantsParameterGradients();
    }

    final boolean wantsParameterGradients() {
        return has(Slot.D_GAMMA) || has(Slot.D_BETA);
    }

    /** Completes the numbers of a group that were read: a scale that is not stored follows from the measure. */
    final void derive(double[] group) {
        if (!storesScale) {
            group[SCALE] = statistic().scale().of(group[MEASURE], spec.eps());
        }
    }

    /** Σdy·x̂, given the sums of {@link Reduction#DOTS}. */
    static double sumOfGradientTimesXHat(double a, double b, double[] group) {
        return group[SCALE] * (b - times(group[RESIDUAL], a));
    }

    /**
     * Sets the coefficients of y = γ·(x−c)·s + β, in a forward pass and where a backward pass repeats its map: from
     * statistics as they are stored, so that both get the same bits.
     */
    static void forwardMap(double[] group, double gamma, double beta, Coefficients to) {
        to.center = group[CENTER];
        to.scale = group[SCALE] * gamma;
        to.shift = beta - times(group[RESIDUAL], to.scale);
    }

    /** What is added to (x−c)·s to make it x̂. */
    static double xHatShift(double[] group) {
        return -times(group[RESIDUAL], group[SCALE]);
    }

    /**
     * The product of what rounding left over and a factor. 0 for an infinite factor: the product of that and what was
     * rounded is infinite already, or NaN, and must not meet an infinity of the other sign.
     */
    static double times(double residual, double factor) {
        return residual == 0 || Double.isInfinite(factor) ? 0 : residual * factor;
    }

    /** Whether what a scale is stored as cannot hold all digits of it, so that a backward pass must form it again from x. */
    final boolean isScaleLost(double[] group, InnerLoops<A> loops) {
        return !statistic().isGiven() && !Range.isNormal(loops, group[storesScale ? SCALE : MEASURE]);
    }

    /**
     * Whether a measure cannot tell, as it is stored, on which side of a floor ε it is: both are smaller than the normal
     * numbers of the type.
     */
    final boolean isFloorLost(double[] group, InnerLoops<A> loops) {
        double smallest = loops.smallestNormal();
        return statistic().scale() == Scale.INVERSE_FLOORED_ROOT && spec.eps() < smallest && group[MEASURE] < smallest;
    }

    /**
     * Whether the forward map of a group can be computed in the type of the arrays. Where it can it must, in both passes,
     * so that they agree on the sign of y.
     */
    final boolean holdsForwardMap(double[] group, Coefficients map, InnerLoops<A> loops) {
        return Range.holdsMap(loops, map) && !(storesScale && isScaleLost(group, loops));
    }

    /**
     * Whether sums in the type of the arrays may have left its range.
     *
     * @param sums the sums of a group
     * @param group its numbers; if they are NaN, sums in double are so too
     */
    final boolean overflows(Sums sums, double[] group) {
        if (readsStatistics() && (Double.isNaN(group[CENTER]) || Double.isNaN(group[SCALE]))) {
            return false;
        }
        return switch (reduction) {
            case NONE -> false;
            case SUM -> !Double.isFinite(sums.a);
            case SQUARES, MOMENTS -> !Double.isFinite(sums.b);
            case DOTS -> !Double.isFinite(sums.a) || !Double.isFinite(sums.b);
        };
    }

    /**
     * Whether a group can be summed and mapped in the type of the arrays: no product is lost in sums, and no coefficient
     * or difference leaves its range.
     *
     * @param sums the sums of the group
     * @param group its numbers
     * @param map the coefficients of its map
     * @param forward those of the forward map that a backward pass repeats, if it does
     * @param loops what sums and maps
     */
    final boolean fits(Sums sums, double[] group, Coefficients map, Coefficients forward, InnerLoops<A> loops) {
        if (!backward) {
            return holdsForwardMap(group, map, loops) && !squaresUnderflow(sums, group, loops);
        }
        double largeScale = 1 / Math.sqrt(loops.smallestNormal());
        boolean productsUnderflow = reduction == Reduction.DOTS && Math.abs(group[SCALE]) > largeScale;
        return Range.holdsBackwardMap(loops, map)
                && !productsUnderflow
                && !isScaleLost(group, loops)
                && !isFloorLost(group, loops)
                && (!repeatsForwardMap() || holdsForwardMap(group, forward, loops));
    }

    /** Whether squares are so small, compared to ε too, that rounding them to subnormal numbers is felt. */
    private boolean squaresUnderflow(Sums sums, double[] group, InnerLoops<A> loops) {
        if (reduction != Reduction.SQUARES && reduction != Reduction.MOMENTS) {
            return false;
        }
        double terms = statistic().measure() == Statistic.Measure.SUM_OF_SQUARES ? sums.count : 1;
        double regularized = statistic().scale().regularized(group[MEASURE], spec.eps());
        return regularized < terms * SUBNORMALS * loops.smallestNormal();
    }
}
