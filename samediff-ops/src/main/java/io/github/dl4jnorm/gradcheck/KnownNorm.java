package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a forward pass is meant to be. {@link GradientDoctor} recognises BatchNorm in training, LayerNorm and x/Σx by
 * itself; say it in order to have that checked, and for BatchNorm in inference, whose statistics cannot be seen from
 * outside.
 */
public final class KnownNorm {
    /** What the statistics are. */
    enum Kind {
        STANDARDIZE,
        GIVEN_STATISTICS,
        DIVIDE_BY_SUM
    }

    private final Kind kind;
    private final double eps;
    private final boolean perChannel;
    private final int[] axes;
    private final INDArray mean;
    private final INDArray variance;

    private KnownNorm(Kind kind, double eps, boolean perChannel, INDArray mean, INDArray variance, int... axes) {
        this.kind = kind;
        this.eps = eps;
        this.perChannel = perChannel;
        this.axes = axes.clone();
        this.mean = mean;
        this.variance = variance;
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
        NormChecks.positiveEps("batchNorm", eps);
        return new KnownNorm(Kind.STANDARDIZE, eps, true, null, null, channelAxis);
    }

    /**
     * BatchNorm in inference: y = γ·(x−μ)/√(σ²+ε) + β with given μ and σ².
     *
     * @param mean μ, one value per channel
     * @param variance σ², one value per channel
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels; negative counts from the end
     * @return the norm
     * @throws IllegalArgumentException if eps is not positive
     */
    public static KnownNorm batchNormInference(INDArray mean, INDArray variance, double eps, int channelAxis) {
        NormChecks.positiveEps("batchNormInference", eps);
        return new KnownNorm(Kind.GIVEN_STATISTICS, eps, true, mean.dup(), variance.dup(), channelAxis);
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
        NormChecks.positiveEps("layerNorm", eps);
        return new KnownNorm(Kind.STANDARDIZE, eps, false, null, null, axes);
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
        NormChecks.nonNegativeEps("sumNorm", eps);
        return new KnownNorm(Kind.DIVIDE_BY_SUM, eps, false, null, null, axes);
    }

    Kind kind() {
        return kind;
    }

    double eps() {
        return eps;
    }

    Partition partition(long... shape) {
        NormAxes groups = perChannel
                ? NormAxes.perChannel("GradientDoctor", shape, axes[0])
                : NormAxes.over("GradientDoctor", shape, axes);
        return Partition.of(shape, groups.reduced());
    }

    /** The given mean of each element's channel. */
    double[] mean(Partition partition) {
        return perElement("mean", mean, partition);
    }

    /** The given variance of each element's channel. */
    double[] variance(Partition partition) {
        return perElement("variance", variance, partition);
    }

    private static double[] perElement(String name, INDArray statistic, Partition partition) {
        double[] values = Elements.of(statistic);
        if (values.length != partition.groups()) {
            throw new IllegalArgumentException("batchNormInference: expected " + name + " with " + partition.groups()
                    + " values, got " + values.length);
        }
        return partition.spread(values);
    }

    /** The name of a kind, with "LayerNorm" and "BatchNorm" told apart by whether one axis only is kept. */
    static String name(Kind kind, Partition partition, int rank) {
        boolean oneKept = rank - partition.axes().length == 1;
        boolean batchReduced = IntStream.of(partition.axes()).anyMatch(a -> a == 0);
        return switch (kind) {
            case STANDARDIZE -> oneKept && batchReduced ? "BatchNorm in training" : "LayerNorm";
            case GIVEN_STATISTICS -> "BatchNorm in inference";
            case DIVIDE_BY_SUM -> "x/Σx";
        };
    }
}
