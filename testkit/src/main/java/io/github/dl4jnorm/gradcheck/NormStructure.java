package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import java.util.Locale;

/**
 * A forward pass recognised as a normalization, with everything that its backward pass is made of, per element of x.
 *
 * @param spec which normalization
 * @param groups the groups that share a statistic
 * @param statistics c and q
 * @param shape shape of x
 * @param y the output
 * @param factors γ, or 1 + γ where that counts from 1, and the slope of an activation
 * @param origin what c and q are known from
 */
record NormStructure(
        NormSpec spec,
        GroupIndex groups,
        ElementStatistics statistics,
        long[] shape,
        double[] y,
        RowFactors factors,
        Origin origin) {

    /** What the statistics are known from. */
    enum Origin {
        /** From x. */
        X,
        /** From e^x: softmax is a sum-normalization of that. */
        EXPONENTIALS,
        /** From what the forward pass was declared to be. */
        DECLARED,
        /** From the derivative by γ, which is x̂. */
        SEEN_IN_GAMMA,
        /** They are not known: they are such that y = x̂. */
        UNKNOWN
    }

    Statistic statistic() {
        return spec.statistic();
    }

    /** M. */
    int size() {
        return groups.size();
    }

    /** What is normalized: x, or e^x. */
    double[] x() {
        return statistics.x();
    }

    double[] gamma() {
        return factors.gamma();
    }

    double[] slope() {
        return factors.slope();
    }

    /** The derivative of what is normalized by x. */
    double[] inner() {
        double[] ones = new double[y.length];
        Arrays.fill(ones, 1);
        return isSoftmax() ? statistics.x() : ones;
    }

    boolean isSoftmax() {
        return origin == Origin.EXPONENTIALS;
    }

    boolean known() {
        return origin != Origin.UNKNOWN;
    }

    boolean hasGamma() {
        return Arrays.stream(gamma()).anyMatch(g -> Math.abs(g - 1) > RowFactors.SAME);
    }

    boolean hasActivation() {
        return !factors.activation().isEmpty();
    }

    /** Whether σ² is a sum divided by M − 1. */
    boolean isUnbiased() {
        return statistics.divisor() < size();
    }

    String describe() {
        return describeNorm() + (hasActivation() ? ", followed by " + factors.activation() : "");
    }

    private String describeNorm() {
        String where = " of " + Arrays.toString(shape) + " over " + groups.text();
        return switch (origin) {
            case UNKNOWN -> "one mean and one factor per channel, as in BatchNorm in inference," + where;
            case SEEN_IN_GAMMA -> KnownNorm.name(spec) + where + ", its statistics seen in the gradient of gamma";
            case EXPONENTIALS -> "softmax" + where;
            case X, DECLARED -> {
                String count = statistic().isGiven() || !dividesByM() ? "" : ", M = " + size();
                String divisor = isUnbiased() ? ", its variance divided by M − 1" : "";
                boolean epsIsKnown = origin == Origin.DECLARED || EpsEstimate.isSeen(statistic());
                String eps = epsIsKnown ? ", ε = " + String.format(Locale.ROOT, "%.2g", spec.eps()) : "";
                yield name() + where + count + divisor + eps;
            }
        };
    }

    private boolean dividesByM() {
        return statistic().measure() == Statistic.Measure.MEAN_OF_SQUARES;
    }

    /** What its γ tells apart: that of LayerNorm differs within a group, that of InstanceNorm does not. */
    private String name() {
        boolean perChannel = shape.length > 2
                && statistic() == Statistic.MEAN_VARIANCE
                && spec.equals(NormSpec.layerNorm(spec.eps(), groups.axes()))
                && groups.axes().length == shape.length - 2
                && groups.axes()[0] != 0
                && groups.areEqualWithin(RowFactors.SAME, gamma());
        return perChannel ? "InstanceNorm (or LayerNorm without gamma)" : KnownNorm.name(spec);
    }

    /** The right backward pass. */
    NormFormula formula() {
        return new NormFormula(this);
    }
}
