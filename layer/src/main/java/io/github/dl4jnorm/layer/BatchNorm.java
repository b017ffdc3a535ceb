package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.layer.Parameter.Role;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonInclude;

/**
 * Batch normalization (Ioffe and Szegedy 2015): per channel,
 *
 * <pre>
 * training:   y = a(γ·(x − μ)/√(σ² + ε) + β)     μ, σ²: mean and biased variance of the batch
 *             running ← decay·running + (1 − decay)·batch, once per parameter step
 * inference:  the same with the running mean and variance
 * </pre>
 *
 * For feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input. a is
 * the identity or, with {@code activation(RELU)}, max(0, ·). The statistics of a channel are taken over the batch and all
 * positions that no mask hides; masked positions give zeros and receive zero gradient, whatever is behind the mask. With
 * {@link Builder#axis} the indices of another axis take the place of the channels.
 *
 * <p>Parameters, each [1, C]: {@code gamma} and {@code beta} (each absent if locked), {@code mean} and {@code var} (absent
 * without running statistics). The latter two never have a gradient: they move in {@code applyConstraints}, which DL4J
 * calls once per parameter step, and so are exact under every gradient normalization, truncated backpropagation through
 * time and distributed training. ClipL2PerLayer and RenormalizeL2PerLayer scale by the norm of the gradients of γ and β
 * alone, where DL4J's own layer counts the change of its statistics too, and γ and β take smaller steps.
 *
 * <p>Code that computes gradients without a parameter step does not move the statistics. Training by hand, with external
 * errors or a loop of one's own, is such code: DL4J leaves {@code applyConstraints} to it, without which they stay at 0
 * and 1. The layer warns once if inference meets statistics that several training passes did not move. A step, here of a
 * MultiLayerNetwork, is complete with the last line of
 *
 * <pre>{@code
 * network.setInput(x);
 * network.feedForward(true, false);
 * Gradient gradient = network.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces()).getFirst();
 * network.getUpdater().update(network, gradient, iteration, epoch, batchSize, LayerWorkspaceMgr.noWorkspaces());
 * network.params().subi(gradient.gradient());
 * network.applyConstraints(iteration, epoch);
 * }</pre>
 *
 * <p>DL4J's line-search optimizers (all but STOCHASTIC_GRADIENT_DESCENT) overwrite the statistics with a copy of their
 * own, of which the layer warns. A layer run in inference mode during training, as the frozen layers do, back-propagates
 * with the running statistics as constants.
 *
 * <p>ε = 0 is allowed for inference, as models from elsewhere have it; training with it is refused. In half networks
 * running statistics saturate at the largest number of the type, of which the layer warns. A channel with a single value
 * in training is normalized to β and passes no gradient; the layer warns about it once.
 */
public final class BatchNorm extends AffineNormLayer {
    /** Key of the running mean. */
    public static final String MEAN = "mean";

    /** Key of the running variance. */
    public static final String VARIANCE = "var";

    private double decay;
    private boolean runningStatistics;
    private boolean unbiasedRunningVariance;
    private @Nullable BatchNormalization replaced;

    // For deserialization, which then calls the setters.
    private BatchNorm() {
        this(new Builder());
    }

    private BatchNorm(Builder builder) {
        super(builder);
        decay = builder.decay;
        runningStatistics = builder.runningStatistics;
        unbiasedRunningVariance = builder.unbiasedRunningVariance;
    }

    @Override
    NormSpec spec(int channelAxis) {
        return NormSpec.batchNorm(getEps(), axesOr(channelAxis)[0]).with(getFusedActivation());
    }

    /** ε may be 0 where the statistics are given; training with it is refused when it happens. */
    @Override
    NormSpec specToCheck() {
        return super.specToCheck().withGivenStatistics();
    }

    @Override
    void validate() {
        if (getAxes() != null && getAxes().length != 1) {
            throw new DL4JInvalidConfigException(who() + ": expected one axis, got " + Arrays.toString(getAxes()));
        }
        super.validate();
        NormChecks.decay(who(), decay);
    }

    @Override
    List<Parameter> parameters() {
        List<Parameter> parameters = super.parameters();
        if (runningStatistics) {
            parameters.add(new Parameter(MEAN, Role.STATISTIC, 0, parameterShape()));
            parameters.add(new Parameter(VARIANCE, Role.STATISTIC, 1, parameterShape()));
        }
        return parameters;
    }

    @Override
    NormLayerImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new BatchNormImpl(conf, type);
    }

    /** {@return the weight of the old value in the running statistics} */
    public double getDecay() {
        return decay;
    }

    /**
     * Sets the weight of the old value in the running statistics.
     *
     * @param decay decay
     */
    public void setDecay(double decay) {
        this.decay = decay;
    }

    /** {@return the axis whose indices have statistics of their own, or null for that of the channels} */
    @JsonIgnore
    public @Nullable Integer getAxis() {
        return getAxes() == null ? null : getAxes()[0];
    }

    /** {@return whether running statistics are kept and used in inference, in place of the batch's} */
    public boolean isRunningStatistics() {
        return runningStatistics;
    }

    /**
     * Sets whether running statistics are kept and used in inference.
     *
     * @param runningStatistics false if inference uses the batch's statistics too
     */
    public void setRunningStatistics(boolean runningStatistics) {
        this.runningStatistics = runningStatistics;
    }

    /** {@return whether the running variance averages unbiased variances, not biased ones} */
    public boolean isUnbiasedRunningVariance() {
        return unbiasedRunningVariance;
    }

    /**
     * Sets whether the running variance averages unbiased variances.
     *
     * @param unbiasedRunningVariance true for unbiased ones, false for biased ones
     */
    public void setUnbiasedRunningVariance(boolean unbiasedRunningVariance) {
        this.unbiasedRunningVariance = unbiasedRunningVariance;
    }

    /** {@return DL4J's layer whose place this one took, as it was, for those who want it back; null for none} */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public @Nullable BatchNormalization getReplaced() {
        return replaced;
    }

    /**
     * Sets DL4J's layer whose place this one took.
     *
     * @param replaced the layer as it was, not to be changed any more; null for none
     */
    public void setReplaced(@Nullable BatchNormalization replaced) {
        this.replaced = replaced;
    }

    @Override
    Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = super.settings();
        settings.put("decay", decay);
        settings.put("runningStatistics", runningStatistics);
        settings.put("unbiasedRunningVariance", unbiasedRunningVariance);
        if (replaced != null) {
            settings.put("replaced", replaced);
        }
        return settings;
    }

    /** Builds a {@link BatchNorm}. Defaults are those of DL4J's own layer. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends AffineNormLayer.Builder<Builder> {
        private double decay = 0.9;
        private boolean runningStatistics = true;
        private boolean unbiasedRunningVariance;

        /** Creates a builder with ε = 1e-5. */
        public Builder() {
            super(1e-5);
        }

        /**
         * Sets the weight of the old value: running ← decay·running + (1 − decay)·batch. (PyTorch's momentum is the
         * weight of the new value.)
         *
         * @param decay in [0, 1]; default 0.9
         * @return this
         */
        public Builder decay(double decay) {
            this.decay = decay;
            return this;
        }

        /**
         * Sets the axis whose indices have statistics, γ and β of their own, as an axis of the activations: axis 0 is the
         * batch and not allowed, negative ones count from the end. The default is that of the channels; with another one
         * the layer needs the network's input type and takes no masks.
         *
         * @param axis an axis
         * @return this
         */
        public Builder axis(int axis) {
            return setAxes(axis);
        }

        /**
         * Sets whether running statistics are kept. Without them, inference normalizes with the statistics of its own
         * batch.
         *
         * @param runningStatistics default true
         * @return this
         */
        public Builder runningStatistics(boolean runningStatistics) {
            this.runningStatistics = runningStatistics;
            return this;
        }

        /**
         * Sets whether the running variance averages the unbiased σ²·M/(M − 1) of each batch, as PyTorch does, instead
         * of the biased σ² that normalizes it. M is the number of values per channel; for M = 1 it is the biased one.
         *
         * @param unbiasedRunningVariance default false
         * @return this
         */
        public Builder unbiasedRunningVariance(boolean unbiasedRunningVariance) {
            this.unbiasedRunningVariance = unbiasedRunningVariance;
            return this;
        }

        /**
         * Builds the layer.
         *
         * @return a new layer
         * @throws IllegalArgumentException if eps is negative or decay not in [0, 1]
         * @throws org.deeplearning4j.exception.DL4JInvalidConfigException if an activation but RELU and IDENTITY, dropout
         *     or weight noise is set, or nOut differs from nIn
         */
        @Override
        public BatchNorm build() {
            return checked(new BatchNorm(this), this);
        }
    }
}
