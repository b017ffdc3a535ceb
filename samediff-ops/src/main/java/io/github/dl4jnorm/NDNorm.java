package io.github.dl4jnorm;

import io.github.dl4jnorm.engine.AffineActivation;
import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.engine.Stats;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Normalizations of INDArrays, computed at once: forward passes that return what the backward pass needs, and backward
 * passes that return every gradient. The SameDiff twins are in {@link SDNorm}.
 *
 * <p>x is FLOAT, DOUBLE, HALF or BFLOAT16, of any order and strides, and not empty; gamma, beta and gradients have its
 * type. Statistics are FLOAT for half types. Axes count from 0, negative ones from the end. Arguments are never
 * modified. All methods throw {@link IllegalArgumentException} for a wrong rank, axis, shape, type or eps.
 */
public final class NDNorm {
    private static final String BATCH_NORM = "batchNorm";
    private static final String BATCH_NORM_INFERENCE = "batchNormInference";
    private static final String LAYER_NORM = "layerNorm";
    private static final String SUM_NORM = "sumNorm";

    /** Creates the functions; there is no state. */
    public NDNorm() {}

    /**
     * What a standardizing forward pass returns.
     *
     * @param y output, shape and type of x
     * @param stats mean, biased variance and invStd per group
     */
    public record Standardized(INDArray y, Stats stats) {
        /**
         * μ per group.
         *
         * @return the mean
         */
        public INDArray mean() {
            return stats.mean();
        }

        /**
         * The biased σ² per group.
         *
         * @return the variance
         */
        public INDArray variance() {
            return stats.variance();
        }

        /**
         * 1/√(σ²+ε) per group.
         *
         * @return the inverse standard deviation
         */
        public INDArray invStd() {
            return stats.invStd();
        }
    }

    /**
     * Gradients of a standardization whose statistics come from x.
     *
     * @param dx gradient of x
     * @param dGamma gradient of gamma, or of the gain
     * @param dBeta gradient of beta, or of the bias
     */
    public record Gradients(INDArray dx, INDArray dGamma, INDArray dBeta) {}

    /**
     * Gradients of a standardization with given statistics.
     *
     * @param dx gradient of x
     * @param dGamma gradient of gamma
     * @param dBeta gradient of beta
     * @param dMean gradient of the given mean, of its type
     * @param dVariance gradient of the given variance, of its type
     */
    public record InferenceGradients(
            INDArray dx, INDArray dGamma, INDArray dBeta, INDArray dMean, INDArray dVariance) {}

    /**
     * What a sum-normalizing forward pass returns.
     *
     * @param y output, shape and type of x
     * @param sum Σx + ε per group
     */
    public record SumNormalized(INDArray y, INDArray sum) {}

    /**
     * BatchNorm in training: y = γ·(x−μ)/√(σ²+ε) + β, with μ and the biased σ² over all axes but the channel axis
     * (Ioffe and Szegedy 2015, algorithm 1).
     *
     * @param x input, rank 2 or more, C channels
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels
     * @return y, and mean, variance and invStd of shape [C]
     */
    public Standardized batchNorm(INDArray x, INDArray gamma, INDArray beta, double eps, int channelAxis) {
        NormAxes axes = channelAxes(BATCH_NORM, x, channelAxis);
        return standardize(BATCH_NORM, axes, x, gamma, beta, eps);
    }

    /**
     * The gradient of {@link #batchNorm}: dx = (γr/M)(M·dy − Σdy − x̂·Σ(dy·x̂)), dGamma = Σ dy·x̂, dBeta = Σ dy.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param gamma γ or null, as in the forward pass
     * @param stats statistics that the forward pass returned
     * @param channelAxis axis of the channels
     * @return all gradients
     */
    public Gradients batchNormBackward(INDArray x, INDArray dy, INDArray gamma, Stats stats, int channelAxis) {
        NormAxes axes = channelAxes(BATCH_NORM, x, channelAxis);
        return standardizeBackward(BATCH_NORM, axes, x, dy, gamma, stats);
    }

    /**
     * BatchNorm in inference: y = γ·(x−μ)/√(σ²+ε) + β with given μ and σ².
     *
     * @param x input, rank 2 or more, C channels
     * @param mean μ, shape [C]
     * @param variance σ², shape [C]
     * @param gamma γ, shape [C], or null for 1
     * @param beta β, shape [C], or null for 0
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels
     * @return y
     */
    public INDArray batchNormInference(
            INDArray x, INDArray mean, INDArray variance, INDArray gamma, INDArray beta, double eps, int channelAxis) {
        NormAxes axes = channelAxes(BATCH_NORM_INFERENCE, x, channelAxis);
        checkParameters(BATCH_NORM_INFERENCE, axes, x.dataType(), gamma, beta);
        Stats stats = givenStats(axes, x, mean, variance, eps);
        INDArray y = like(x);
        NormEngines.forArray(x).applyStats(axes, x, new AffineActivation(gamma, beta), stats, y);
        return y;
    }

    /**
     * The gradient of {@link #batchNormInference}, where mean and variance do not depend on x: dx = γ·r·dy, dGamma =
     * Σ dy·x̂, dBeta = Σ dy, dMean = −γ·r·dBeta, dVariance = −½·γ·r²·dGamma, with r = 1/√(σ²+ε).
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param mean μ, shape [C]
     * @param variance σ², shape [C]
     * @param gamma γ, shape [C], or null for 1
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels
     * @return all gradients
     */
    public InferenceGradients batchNormInferenceBackward(
            INDArray x, INDArray dy, INDArray mean, INDArray variance, INDArray gamma, double eps, int channelAxis) {
        NormAxes axes = channelAxes(BATCH_NORM_INFERENCE, x, channelAxis);
        NormChecks.gradientLike(BATCH_NORM_INFERENCE, x, dy);
        checkParameters(BATCH_NORM_INFERENCE, axes, x.dataType(), gamma, null);
        Stats stats = givenStats(axes, x, mean, variance, eps);
        INDArray dx = like(x);
        INDArray dGamma = newParameter(axes, x);
        INDArray dBeta = newParameter(axes, x);
        NormEngines.forArray(x)
                .applyStatsBackward(axes, x, dy, new AffineActivation(gamma, null), stats, dx, dGamma, dBeta);
        return new InferenceGradients(
                dx,
                dGamma,
                dBeta,
                stats.meanGradient(gamma, dBeta).castTo(mean.dataType()),
                stats.varianceGradient(gamma, dGamma).castTo(variance.dataType()));
    }

    /**
     * LayerNorm: y = g·(x−μ)/√(σ²+ε) + b, with μ and the biased σ² over {@code axes}, per index of the others (Ba et
     * al. 2016, section 3).
     *
     * @param x input
     * @param gain g, of the shape of the normalized axes, or null for 1
     * @param bias b, of the shape of the normalized axes, or null for 0
     * @param eps ε &gt; 0
     * @param axes the normalized axes
     * @return y, and statistics of the shape of the other axes
     */
    public Standardized layerNorm(INDArray x, INDArray gain, INDArray bias, double eps, int... axes) {
        NormAxes over = axesOver(LAYER_NORM, x, axes);
        return standardize(LAYER_NORM, over, x, gain, bias, eps);
    }

    /**
     * The gradient of {@link #layerNorm}. With h = g·dy and D the number of normalized elements, not the batch size:
     * dx = (r/D)(D·h − Σh − x̂·Σ(h·x̂)), dGain = Σ dy·x̂ and dBias = Σ dy over the other axes.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param gain g or null, as in the forward pass
     * @param stats statistics that the forward pass returned
     * @param axes the normalized axes
     * @return all gradients
     */
    public Gradients layerNormBackward(INDArray x, INDArray dy, INDArray gain, Stats stats, int... axes) {
        NormAxes over = axesOver(LAYER_NORM, x, axes);
        return standardizeBackward(LAYER_NORM, over, x, dy, gain, stats);
    }

    /**
     * Sum-normalization: y = x/(Σx + ε), with the sum over {@code axes}, per index of the others.
     *
     * @param x input
     * @param eps ε ≥ 0
     * @param axes the axes summed over
     * @return y, and the denominators, of the shape of the other axes
     * @throws ArithmeticException if a denominator is exactly zero
     */
    public SumNormalized sumNorm(INDArray x, double eps, int... axes) {
        NormAxes over = axesOver(SUM_NORM, x, axes);
        NormChecks.nonNegativeEps(SUM_NORM, eps);
        INDArray y = like(x);
        INDArray sum = Stats.newStatistic(over, x.dataType());
        NormEngines.forArray(x).divideBySum(over, x, eps, y, sum);
        NormChecks.nonZeroSum(SUM_NORM, over, sum);
        return new SumNormalized(y, sum);
    }

    /**
     * The gradient of {@link #sumNorm}: dx = (dy − Σ(dy·y))/s with y = x/s.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param sum denominators s that the forward pass returned
     * @param axes the axes summed over
     * @return dx
     */
    public INDArray sumNormBackward(INDArray x, INDArray dy, INDArray sum, int... axes) {
        NormAxes over = axesOver(SUM_NORM, x, axes);
        NormChecks.gradientLike(SUM_NORM, x, dy);
        NormChecks.statistic(SUM_NORM, "sum", over, x.dataType(), sum);
        INDArray dx = like(x);
        NormEngines.forArray(x).divideBySumBackward(over, x, dy, sum.castTo(Stats.typeFor(x.dataType())), dx);
        return dx;
    }

    private static Standardized standardize(
            String who, NormAxes axes, INDArray x, INDArray gamma, INDArray beta, double eps) {
        NormChecks.positiveEps(who, eps);
        checkParameters(who, axes, x.dataType(), gamma, beta);
        INDArray y = like(x);
        Stats stats = Stats.allocate(axes, x.dataType());
        NormEngines.forArray(x).standardize(axes, x, new AffineActivation(gamma, beta), eps, y, stats);
        return new Standardized(y, stats);
    }

    private static Gradients standardizeBackward(
            String who, NormAxes axes, INDArray x, INDArray dy, INDArray gamma, Stats stats) {
        NormChecks.gradientLike(who, x, dy);
        checkParameters(who, axes, x.dataType(), gamma, null);
        if (stats == null) {
            throw new IllegalArgumentException(who + ": expected the statistics of the forward pass, got null");
        }
        NormChecks.statistic(who, "mean", axes, x.dataType(), stats.mean());
        NormChecks.statistic(who, "invStd", axes, x.dataType(), stats.invStd());
        INDArray dx = like(x);
        INDArray dGamma = newParameter(axes, x);
        INDArray dBeta = newParameter(axes, x);
        NormEngines.forArray(x)
                .standardizeBackward(axes, x, dy, new AffineActivation(gamma, null), stats, dx, dGamma, dBeta);
        return new Gradients(dx, dGamma, dBeta);
    }

    private static NormAxes channelAxes(String who, INDArray x, int channelAxis) {
        return NormAxes.perChannel(who, NormChecks.floating(who, x).shape(), channelAxis);
    }

    private static NormAxes axesOver(String who, INDArray x, int... axes) {
        return NormAxes.over(who, NormChecks.floating(who, x).shape(), axes);
    }

    private static Stats givenStats(NormAxes axes, INDArray x, INDArray mean, INDArray variance, double eps) {
        NormChecks.positiveEps(BATCH_NORM_INFERENCE, eps);
        NormChecks.statistic(BATCH_NORM_INFERENCE, "mean", axes, x.dataType(), mean);
        NormChecks.statistic(BATCH_NORM_INFERENCE, "variance", axes, x.dataType(), variance);
        return Stats.of(axes, x.dataType(), mean, variance, eps);
    }

    private static void checkParameters(String who, NormAxes axes, DataType type, INDArray gamma, INDArray beta) {
        boolean layer = who.equals(LAYER_NORM);
        NormChecks.parameter(who, layer ? "gain" : "gamma", axes, type, gamma);
        NormChecks.parameter(who, layer ? "bias" : "beta", axes, type, beta);
    }

    private static INDArray like(INDArray x) {
        return Nd4j.createUninitialized(x.dataType(), x.shape(), x.ordering() == 'f' ? 'f' : 'c');
    }

    private static INDArray newParameter(NormAxes axes, INDArray x) {
        return Nd4j.createUninitialized(x.dataType(), axes.affineShape(), 'c');
    }
}
