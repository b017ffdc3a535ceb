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
 * @param gamma what x̂ is multiplied with: γ, or 1 + γ where that counts from 1
 * @param known whether c and q are known; if not, they are such that y = x̂
 */
record NormStructure(
        NormSpec spec,
        GroupIndex groups,
        ElementStatistics statistics,
        long[] shape,
        double[] y,
        double[] gamma,
        boolean known) {
    /** γ counts as 1, or as the same for several elements, if it is that close. */
    private static final double SAME = 1e-6;

    Statistic statistic() {
        return spec.statistic();
    }

    /** M. */
    int size() {
        return groups.size();
    }

    double[] x() {
        return statistics.x();
    }

    boolean hasGamma() {
        return Arrays.stream(gamma).anyMatch(g -> Math.abs(g - 1) > SAME);
    }

    String describe() {
        if (!known) {
            return "one factor per channel, as in BatchNorm in inference, of " + Arrays.toString(shape) + " over "
                    + groups.text();
        }
        String count = statistic().isGiven() || !dividesByM() ? "" : ", M = " + size();
        return name() + " of " + Arrays.toString(shape) + " over " + groups.text() + count + ", ε = "
                + String.format(Locale.ROOT, "%.2g", spec.eps());
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
                && groups.areEqualWithin(SAME, gamma);
        return perChannel ? "InstanceNorm (or LayerNorm without gamma)" : KnownNorm.name(spec);
    }

    /** The right backward pass. */
    NormFormula formula() {
        return new NormFormula(this);
    }
}
