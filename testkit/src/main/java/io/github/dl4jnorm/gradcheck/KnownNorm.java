package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a forward pass is meant to be. {@link GradientDoctor} recognises every normalization whose statistics come from x
 * by itself; say it in order to have that checked, and for BatchNorm in inference, whose statistics cannot be seen from
 * outside.
 */
public final class KnownNorm {
    private final NormSpec spec;
    private final @Nullable INDArray mean;
    private final @Nullable INDArray variance;
    private final boolean unbiased;

    private KnownNorm(String who, NormSpec spec) {
        this(spec.checkEps(who), null, null, false);
    }

    private KnownNorm(NormSpec spec, @Nullable INDArray mean, @Nullable INDArray variance, boolean unbiased) {
        this.spec = spec;
        this.mean = mean;
        this.variance = variance;
        this.unbiased = unbiased;
    }

    /**
     * BatchNorm in training: y = γ·(x−μ)/√(σ²+ε) + β with μ and the biased σ² over all axes but one.
     *
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels; negative counts from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is not positive
     */
    public static KnownNorm batchNorm(double eps, int channelAxis) {
        return new KnownNorm("batchNorm", NormSpec.batchNorm(eps, channelAxis));
    }

    /**
     * BatchNorm in inference: y = γ·(x−μ)/√(σ²+ε) + β with given μ and σ².
     *
     * @param mean μ, one value per channel
     * @param variance σ², one value per channel
     * @param eps ε ≥ 0
     * @param channelAxis axis of the channels; negative counts from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is negative
     */
    public static KnownNorm batchNormInference(INDArray mean, INDArray variance, double eps, int channelAxis) {
        NormSpec spec = NormSpec.batchNormInference(eps, channelAxis).checkEps("batchNormInference");
        return new KnownNorm(spec, mean.dup(), variance.dup(), false);
    }

    /**
     * LayerNorm: y = γ·(x−μ)/√(σ²+ε) + β with μ and the biased σ² over some axes.
     *
     * @param eps ε &gt; 0
     * @param axes the normalized axes; negative ones count from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is not positive
     */
    public static KnownNorm layerNorm(double eps, int... axes) {
        return new KnownNorm("layerNorm", NormSpec.layerNorm(eps, axes));
    }

    /**
     * Sum-normalization: y = x/(Σx + ε).
     *
     * @param eps ε ≥ 0
     * @param axes the axes summed over; negative ones count from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is negative
     */
    public static KnownNorm sumNorm(double eps, int... axes) {
        return new KnownNorm("sumNorm", NormSpec.sumNorm(eps, axes));
    }

    /**
     * GroupNorm: y = γ·(x−μ)/√(σ²+ε) + β with μ and the biased σ² per example and group of neighbouring channels.
     *
     * @param groups number of groups, a divisor of the number of channels
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0; negative counts from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is not positive
     */
    public static KnownNorm groupNorm(int groups, double eps, int channelAxis) {
        return new KnownNorm("groupNorm", NormSpec.groupNorm(groups, eps, channelAxis));
    }

    /**
     * InstanceNorm: y = γ·(x−μ)/√(σ²+ε) + β with μ and the biased σ² per example and channel.
     *
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0; negative counts from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is not positive
     */
    public static KnownNorm instanceNorm(double eps, int channelAxis) {
        return new KnownNorm("instanceNorm", NormSpec.instanceNorm(eps, channelAxis));
    }

    /**
     * RMSNorm: y = γ·x/√(Σx²/M+ε).
     *
     * @param eps ε &gt; 0
     * @param axes the normalized axes; negative ones count from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is not positive
     */
    public static KnownNorm rmsNorm(double eps, int... axes) {
        return new KnownNorm("rmsNorm", NormSpec.rmsNorm(eps, axes));
    }

    /**
     * Unit normalization: y = x/√max(Σx², ε).
     *
     * @param eps ε &gt; 0, the least that Σx² counts as
     * @param axes the normalized axes; negative ones count from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is not positive
     */
    public static KnownNorm unitNorm(double eps, int... axes) {
        return new KnownNorm("unitNorm", NormSpec.unitNorm(eps, axes));
    }

    /**
     * Any normalization whose statistics come from x.
     *
     * @param spec the normalization, without an activation: that has a backward pass of its own
     * @return the norm
     * @throws IllegalArgumentException if statistics are given, there is an activation, or ε is not as it must be
     */
    public static KnownNorm of(NormSpec spec) {
        if (spec.statistic().isGiven()) {
            throw new IllegalArgumentException(
                    "KnownNorm: expected statistics that come from x, got GIVEN; use batchNormInference");
        }
        if (spec.activation() != FusedActivation.IDENTITY) {
            throw new IllegalArgumentException("KnownNorm: expected no activation, got " + spec.activation()
                    + "; examine the normalization alone");
        }
        return new KnownNorm("KnownNorm", spec);
    }

    NormSpec spec() {
        return spec;
    }

    GroupIndex groups(long... shape) {
        return GroupIndex.of(spec.on("GradientDoctor", shape));
    }

    /** The given mean of each element's channel. */
    double[] mean(GroupIndex groups) {
        return perElement("mean", mean, groups);
    }

    /** The given variance of each element's channel. */
    double[] variance(GroupIndex groups) {
        return perElement("variance", variance, groups);
    }

    private static double[] perElement(String name, @Nullable INDArray statistic, GroupIndex groups) {
        double[] values = Elements.of(Objects.requireNonNull(statistic, name));
        if (values.length != groups.groups()) {
            throw new IllegalArgumentException("batchNormInference: expected " + name + " with " + groups.groups()
                    + " values, got " + values.length);
        }
        return groups.spread(values);
    }

    /**
     * The same with σ² = Σ(x−μ)²/(M−1) in place of Σ(x−μ)²/M: what {@code var} of some frameworks returns.
     *
     * @return the norm
     * @throws IllegalArgumentException if this has no mean and variance that come from x
     */
    public KnownNorm withUnbiasedVariance() {
        if (spec.statistic() != Statistic.MEAN_VARIANCE) {
            throw new IllegalArgumentException(
                    "withUnbiasedVariance: expected a normalization by mean and variance, got " + name(spec));
        }
        return new KnownNorm(spec, mean, variance, true);
    }

    /** Whether σ² is divided by M − 1. */
    boolean isUnbiased() {
        return unbiased;
    }

    /** What people call a normalization. */
    static String name(NormSpec spec) {
        return switch (spec.statistic()) {
            case MEAN_VARIANCE ->
                switch (spec.axes().kind()) {
                    case PER_CHANNEL -> "BatchNorm in training";
                    case OVER -> "LayerNorm";
                    case PER_EXAMPLE_AND_CHANNEL -> "InstanceNorm";
                    case PER_EXAMPLE_AND_GROUP -> "GroupNorm";
                };
            case GIVEN -> "BatchNorm in inference";
            case SUM -> "x/Σx";
            case ROOT_MEAN_SQUARE -> "RMSNorm";
            case L2 -> "x/‖x‖";
        };
    }
}
