package io.github.dl4jnorm;

import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.GivenStatisticsGradients;
import io.github.dl4jnorm.internal.engine.Gradients;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a forward pass of {@link NDNorm} returns: y, the statistics, and the backward pass, which normalizes as the forward
 * pass did. It keeps the arrays that went in, not copies: x, γ, β, and a mean and variance that were given, must not have
 * changed when {@link #backward} is called.
 */
public final class Normalized {
    private final String function;
    private final NormSpec spec;
    private final Groups groups;
    private final INDArray x;
    private final @Nullable INDArray gamma;
    private final @Nullable INDArray beta;
    private final GroupStatistics statistics;
    private final INDArray y;

    /** Normalizes arrays that have been checked; statistics are input where they are given, else output. */
    Normalized(
            String function,
            NormSpec spec,
            Groups groups,
            INDArray x,
            @Nullable INDArray gamma,
            @Nullable INDArray beta,
            GroupStatistics statistics) {
        this.function = function;
        this.spec = spec;
        this.groups = groups;
        this.x = x;
        this.gamma = gamma;
        this.beta = beta;
        this.statistics = statistics;
        y = like(x);
        EngineChoice.current().forward(spec, x, new AffineParameters(gamma, beta), statistics.wide(), y);
    }

    /**
     * The gradients with respect to all that went into the forward pass.
     *
     * @param dy gradient of y, shape and type of x
     * @return that of x, and those of γ, β, mean and variance where these were given
     * @throws IllegalArgumentException if dy has another shape or type
     */
    public NormGradients backward(INDArray dy) {
        NormChecks.gradientLike("backward of " + function, x, dy);
        boolean given = spec.statistic().isGiven();
        // The gradients of a given mean and variance are made of those of γ and β.
        Gradients gradients = new Gradients(
                like(x), given || gamma != null ? newParameter() : null, given || beta != null ? newParameter() : null);
        AffineParameters affine = new AffineParameters(gamma, beta);
        GroupStatistics wide = statistics.wide();
        EngineChoice.current().backward(spec, x, dy, affine, wide, gradients);
        GivenStatisticsGradients ofGiven =
                given ? GivenStatisticsGradients.of(spec, affine, statistics, gradients) : null;
        return new NormGradients(
                gradients.dx(),
                gamma == null ? null : gradients.dGamma(),
                beta == null ? null : gradients.dBeta(),
                ofGiven == null ? null : ofGiven.dMean(),
                ofGiven == null ? null : ofGiven.dVariance());
    }

    /** {@return the normalization} */
    public NormSpec spec() {
        return spec;
    }

    /** {@return the input} */
    public INDArray x() {
        return x;
    }

    /** {@return γ, or null if there is none} */
    public @Nullable INDArray gamma() {
        return gamma;
    }

    /** {@return β, or null if there is none} */
    public @Nullable INDArray beta() {
        return beta;
    }

    /** {@return the output, of the shape and type of x} */
    public INDArray y() {
        return y;
    }

    /** {@return μ per group, or null if nothing is subtracted} */
    public @Nullable INDArray mean() {
        return statistics.center();
    }

    /**
     * What the scale is made of, per group.
     *
     * @return the biased σ² of a mean and variance, Σx²/M of a root mean square, Σx² of a unit normalization, Σx of a
     *     sum-normalization
     */
    public INDArray measure() {
        return statistics.measure();
    }

    /**
     * What x − μ, or x, is multiplied with, per group.
     *
     * @return s: 1/√(q+ε) with q of {@link #measure}, or 1/(q+ε) of a sum
     */
    public INDArray scale() {
        return statistics.scale(spec);
    }

    /** All that the groups were normalized with. */
    GroupStatistics statistics() {
        return statistics;
    }

    private INDArray newParameter() {
        return Nd4j.createUninitialized(x.dataType(), groups.parameterShape(), 'c');
    }

    private static INDArray like(INDArray x) {
        return Nd4j.createUninitialized(x.dataType(), x.shape(), x.ordering() == 'f' ? 'f' : 'c');
    }
}
