package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a forward pass is meant to be. {@link GradientDoctor} recognises BatchNorm in training, LayerNorm and x/Σx by
 * itself; say it in order to have that checked, and for BatchNorm in inference, whose statistics cannot be seen from
 * outside.
 */
public final class KnownNorm {
    private final NormSpec spec;
    private final INDArray mean;
    private final INDArray variance;

    private KnownNorm(String who, NormSpec spec, INDArray mean, INDArray variance) {
        this.spec = spec.checkEps(who);
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
        return new KnownNorm("batchNorm", NormSpec.batchNorm(eps, channelAxis), null, null);
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
        return new KnownNorm(
                "batchNormInference", NormSpec.batchNormInference(eps, channelAxis), mean.dup(), variance.dup());
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
        return new KnownNorm("layerNorm", NormSpec.layerNorm(eps, axes), null, null);
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
        return new KnownNorm("sumNorm", NormSpec.sumNorm(eps, axes), null, null);
    }

    Statistic statistic() {
        return spec.statistic();
    }

    double eps() {
        return spec.eps();
    }

    Partition partition(long... shape) {
        return Partition.of(shape, spec.on("GradientDoctor", shape).reduced());
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
    static String name(Statistic kind, Partition partition, int rank) {
        boolean oneKept = rank - partition.axes().length == 1;
        boolean batchReduced = IntStream.of(partition.axes()).anyMatch(a -> a == 0);
        return switch (kind) {
            case MEAN_VARIANCE -> oneKept && batchReduced ? "BatchNorm in training" : "LayerNorm";
            case GIVEN -> "BatchNorm in inference";
            case SUM -> "x/Σx";
            case ROOT_MEAN_SQUARE -> "RMSNorm";
            case L2 -> "x/‖x‖";
        };
    }
}
