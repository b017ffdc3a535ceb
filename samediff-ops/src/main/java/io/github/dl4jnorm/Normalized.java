package io.github.dl4jnorm;

import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormGradients;
import io.github.dl4jnorm.spec.NormSpec;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a forward pass returns: y, and all that its backward pass needs, so that the two cannot disagree.
 *
 * @param spec the normalization
 * @param x its input; must not have changed when {@link #backward} is called, likewise gamma, beta, and a mean and
 *     variance that were given
 * @param gamma γ or null
 * @param beta β or null
 * @param statistics the numbers that each group was normalized with
 * @param y output, shape and type of x
 */
public record Normalized(
        NormSpec spec, INDArray x, INDArray gamma, INDArray beta, GroupStatistics statistics, INDArray y) {
    /**
     * The gradients.
     *
     * @param dy gradient of y, shape and type of x
     * @return those of x, and of gamma and beta where these are not null
     * @throws IllegalArgumentException if dy has another shape or type
     */
    public NormGradients backward(INDArray dy) {
        return new NDNorm().backward(spec, x, dy, gamma, beta, statistics);
    }

    /**
     * μ per group.
     *
     * @return the mean, or null if nothing is subtracted
     */
    public INDArray mean() {
        return statistics.center();
    }

    /**
     * What the scale is made of, per group: the biased σ² of a mean and variance, Σx²/M of a root mean square, Σx² of a
     * unit normalization, Σx of a sum-normalization.
     *
     * @return the measure q
     */
    public INDArray measure() {
        return statistics.measure();
    }

    /**
     * What x − μ, or x, is multiplied with, per group: 1/√(q+ε), or 1/(q+ε) of a sum.
     *
     * @return the scale s
     */
    public INDArray scale() {
        return statistics.scale(spec);
    }
}
