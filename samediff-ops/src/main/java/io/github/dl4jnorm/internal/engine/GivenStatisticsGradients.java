package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.NormSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of the mean and variance of {@link io.github.dl4jnorm.spec.Statistic#GIVEN}, per channel, which follow
 * from those of γ and β: with s = 1/√(σ²+ε),
 *
 * <pre>
 * ∂y/∂μ  = −γ·s           dMean     = −γ·s·dBeta
 * ∂y/∂σ² = −½·γ·s²·x̂      dVariance = −½·γ·s²·dGamma
 * </pre>
 *
 * @param dMean gradient of the mean, of its type
 * @param dVariance gradient of the variance, of its type
 */
public record GivenStatisticsGradients(INDArray dMean, INDArray dVariance) {
    /**
     * The gradients.
     *
     * @param spec the normalization
     * @param affine γ
     * @param statistics the given mean and variance
     * @param gradients those of γ and β, not null
     * @return new arrays of the shapes of the mean and variance
     */
    public static GivenStatisticsGradients of(
            NormSpec spec, AffineParameters affine, GroupStatistics statistics, Gradients gradients) {
        // In double: s² of a small variance need not be a float.
        INDArray s = statistics.map(array -> array.castTo(DataType.DOUBLE)).scale(spec);
        INDArray gamma = affine.factor(spec);
        INDArray product = gamma == null ? s : s.mul(like(s, gamma));
        INDArray dMean = product.mul(like(s, gradients.dBeta())).negi();
        INDArray dVariance = product.mul(s).muli(like(s, gradients.dGamma())).muli(-0.5);
        return new GivenStatisticsGradients(
                shapedAs(statistics.center(), dMean), shapedAs(statistics.measure(), dVariance));
    }

    private static INDArray like(INDArray s, INDArray parameter) {
        return Reshape.of(parameter.castTo(s.dataType()), s.shape());
    }

    private static INDArray shapedAs(INDArray given, INDArray gradient) {
        return gradient.castTo(given.dataType()).reshape('c', given.shape());
    }
}
