package io.github.dl4jnorm;

import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Normalizations of INDArrays, computed at once: forward passes whose results know their backward pass. The SameDiff
 * twins are in {@link SDNorm}; the formulas of all gradients in {@link io.github.dl4jnorm.spec.Statistic}.
 *
 * <p>x is FLOAT, DOUBLE, HALF or BFLOAT16, of any order and strides, and not empty; gamma, beta and gradients have its
 * type. Statistics are FLOAT for half types. Axes count from 0, negative ones from the end. Arguments are never
 * modified. All methods throw {@link IllegalArgumentException} for a wrong rank, axis, shape, type or eps.
 */
public final class NDNorm {
    /** Creates the functions; there is no state. */
    public NDNorm() {}

    /**
     * BatchNorm in training: y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² over all axes but the channel axis
     * (Ioffe and Szegedy 2015, algorithm 1).
     *
     * @param x input, rank 2 or more, C channels
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels
     * @return y, and statistics of shape [C]
     */
    public Normalized batchNorm(
            INDArray x, @Nullable INDArray gamma, @Nullable INDArray beta, double eps, int channelAxis) {
        return forward("batchNorm", NormSpec.batchNorm(eps, channelAxis), x, gamma, beta);
    }

    /**
     * BatchNorm in inference: y = γ·(x−μ)/√(σ²+ε) + β with given μ and σ².
     *
     * @param x input, rank 2 or more, C channels
     * @param mean μ, shape [C]
     * @param variance σ², shape [C]; σ² + ε may not be negative
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε ≥ 0
     * @param channelAxis axis of the channels
     * @return y; its backward pass has the gradients of mean and variance too
     */
    public Normalized batchNormInference(
            INDArray x,
            INDArray mean,
            INDArray variance,
            @Nullable INDArray gamma,
            @Nullable INDArray beta,
            double eps,
            int channelAxis) {
        String who = "batchNormInference";
        NormSpec spec = NormSpec.batchNormInference(eps, channelAxis);
        Groups groups = checked(who, spec, x, gamma, beta);
        NormChecks.statistic(who, "mean", groups, x.dataType(), mean);
        NormChecks.statistic(who, "variance", groups, x.dataType(), variance);
        NormChecks.variance(who, "variance", spec, groups, variance);
        return new Normalized(who, spec, groups, x, gamma, beta, GroupStatistics.given(mean, variance));
    }

    /**
     * LayerNorm: y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² over {@code axes}, per index of the others (Ba,
     * Kiros and Hinton 2016, section 3).
     *
     * @param x input
     * @param gamma γ, of the shape of the normalized axes, or null for 1
     * @param beta β, of the shape of the normalized axes, or null for 0
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return y, and statistics of the shape of the other axes
     */
    public Normalized layerNorm(
            INDArray x, @Nullable INDArray gamma, @Nullable INDArray beta, double eps, int... axes) {
        return forward("layerNorm", NormSpec.layerNorm(eps, axes), x, gamma, beta);
    }

    /**
     * GroupNorm: y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² per example and group of C/groups neighbouring
     * channels (Wu and He 2018).
     *
     * @param x input, rank 2 or more, examples on axis 0, C channels
     * @param groups number of groups, a divisor of C
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0
     * @return y, and statistics of shape [N, groups]
     */
    public Normalized groupNorm(
            INDArray x, int groups, @Nullable INDArray gamma, @Nullable INDArray beta, double eps, int channelAxis) {
        return forward("groupNorm", NormSpec.groupNorm(groups, eps, channelAxis), x, gamma, beta);
    }

    /**
     * InstanceNorm: y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² per example and channel (Ulyanov, Vedaldi and
     * Lempitsky 2016).
     *
     * @param x input, rank 3 or more, examples on axis 0, C channels
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels, not 0
     * @return y, and statistics of shape [N, C]
     */
    public Normalized instanceNorm(
            INDArray x, @Nullable INDArray gamma, @Nullable INDArray beta, double eps, int channelAxis) {
        return forward("instanceNorm", NormSpec.instanceNorm(eps, channelAxis), x, gamma, beta);
    }

    /**
     * RMSNorm: y = γ·x/√(Σx²/M+ε), with the mean of squares over {@code axes}, per index of the others (Zhang and
     * Sennrich 2019, section 4). For weights that count from 1, {@link #normalize} with {@link
     * NormSpec#withUnitOffset}.
     *
     * @param x input
     * @param gamma γ, of the shape of the normalized axes, or null for 1
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return y, and statistics of the shape of the other axes
     */
    public Normalized rmsNorm(INDArray x, @Nullable INDArray gamma, double eps, int... axes) {
        return forward("rmsNorm", NormSpec.rmsNorm(eps, axes), x, gamma, null);
    }

    /**
     * Sum-normalization: y = x/(Σx+ε), with the sum over {@code axes}, per index of the others.
     *
     * @param x input
     * @param eps ε ≥ 0
     * @param axes the axes summed over
     * @return y, and the sums Σx, of the shape of the other axes
     * @throws ArithmeticException if a denominator is exactly zero
     */
    public Normalized sumNorm(INDArray x, double eps, int... axes) {
        return forward("sumNorm", NormSpec.sumNorm(eps, axes), x, null, null);
    }

    /**
     * Unit normalization: y = x/√max(Σx², ε), with the sum over {@code axes}, per index of the others.
     *
     * @param x input
     * @param eps ε &gt; 0, the least that Σx² counts as
     * @param axes the normalized axes
     * @return y, and the sums Σx², of the shape of the other axes
     */
    public Normalized unitNorm(INDArray x, double eps, int... axes) {
        return forward("unitNorm", NormSpec.unitNorm(eps, axes), x, null, null);
    }

    /**
     * Any normalization whose statistics come from x.
     *
     * @param spec the normalization
     * @param x input
     * @param gamma γ, of the shape of the affine axes, or null for a factor of 1
     * @param beta β, likewise, or null for 0
     * @return y and statistics
     * @throws ArithmeticException if the denominator of a sum-normalization is exactly zero
     */
    public Normalized normalize(NormSpec spec, INDArray x, @Nullable INDArray gamma, @Nullable INDArray beta) {
        if (spec.statistic().isGiven()) {
            throw new IllegalArgumentException(
                    "normalize: expected statistics that come from x, got GIVEN; use batchNormInference");
        }
        return forward("normalize", spec, x, gamma, beta);
    }

    private static Normalized forward(
            String who, NormSpec spec, INDArray x, @Nullable INDArray gamma, @Nullable INDArray beta) {
        Groups groups = checked(who, spec, x, gamma, beta);
        GroupStatistics statistics = GroupStatistics.allocate(spec, groups, x.dataType());
        Normalized normalized = new Normalized(who, spec, groups, x, gamma, beta, statistics);
        NormChecks.nonZeroSum(who, spec, groups, statistics);
        return normalized;
    }

    private static Groups checked(
            String who, NormSpec spec, INDArray x, @Nullable INDArray gamma, @Nullable INDArray beta) {
        spec.checkEps(who);
        Groups groups = spec.on(who, NormChecks.floating(who, x).shape());
        NormChecks.parameter(who, "gamma", groups, x.dataType(), gamma);
        NormChecks.parameter(who, "beta", groups, x.dataType(), beta);
        return groups;
    }
}
