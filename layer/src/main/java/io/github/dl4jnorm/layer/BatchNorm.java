package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.layer.Parameter.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Batch normalization (Ioffe and Szegedy 2015): per channel,
 *
 * <pre>
 * training:   y = γ·(x − μ)/√(σ² + ε) + β     μ, σ²: mean and biased variance of the batch
 *             running ← decay·running + (1 − decay)·batch, once per parameter step
 * inference:  the same with the running mean and variance
 * </pre>
 *
 * and, with {@code activation(RELU)}, max(0, y) in the same pass,
 *
 * for feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input. The
 * statistics of a channel are taken over the batch and all positions that no mask hides; masked positions give zeros
 * and receive zero gradient, whatever is behind the mask. With {@link Builder#axis} the indices of another axis take the
 * place of the channels.
 *
 * <p>Parameters, each [1, C]: {@code gamma} and {@code beta} (each absent if fixed), {@code mean} and {@code var} (absent
 * without running statistics). The latter two never have a gradient: they move in {@code applyConstraints}, which DL4J
 * calls once per parameter step, and so are exact under every gradient normalization, truncated backpropagation through
 * time and distributed training. Code that computes gradients without a parameter step does not move them. DL4J's
 * line-search optimizers (all but STOCHASTIC_GRADIENT_DESCENT) overwrite them with a copy of their own, of which the
 * layer warns. A layer run in inference mode during training, as the frozen layers do, back-propagates with the running
 * statistics as constants.
 *
 * <p>A channel with a single value in training is normalized to β and passes no gradient; the layer warns about it
 * once.
 */
public final class BatchNorm extends NormLayer {
    /** Key of the parameter γ. */
    public static final String GAMMA = "gamma";

    /** Key of the parameter β. */
    public static final String BETA = "beta";

    /** Key of the running mean. */
    public static final String MEAN = "mean";

    /** Key of the running variance. */
    public static final String VARIANCE = "var";

    private double decay;
    private double gamma;
    private double beta;
    private boolean fixedGammaBeta;
    private boolean fixedGamma;
    private boolean fixedBeta;
    private boolean runningStatistics;
    private boolean unbiasedRunningVariance;
    private Integer axis;
    private long[] inputShape;

    // For deserialization, which then calls the setters.
    private BatchNorm() {
        this(new Builder());
    }

    private BatchNorm(Builder builder) {
        super(builder);
        decay = builder.decay;
        gamma = builder.gamma;
        beta = builder.beta;
        fixedGammaBeta = builder.fixedGammaBeta;
        fixedGamma = builder.fixedGamma;
        fixedBeta = builder.fixedBeta;
        runningStatistics = builder.runningStatistics;
        unbiasedRunningVariance = builder.unbiasedRunningVariance;
        axis = builder.axis;
        check(builder);
        NormChecks.positiveEps(who(), getEps());
        NormChecks.decay(who(), decay);
        initializeConstraints(builder);
    }

    /**
     * A new builder with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Takes the number of channels, the size of the axis if one was set, and always the data format, from the type of
     * the input.
     *
     * @param inputType type of the input
     * @param override whether to replace a number of channels that is already set
     * @throws DL4JInvalidConfigException if there is no input type, it contradicts the data format that was set, the
     *     axis is the batch's or out of range, or its size is unknown
     */
    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        if (axis != null) {
            inputShape = shapeOf(inputType);
            if (size() <= 0) {
                throw new DL4JInvalidConfigException(who() + ": the parameters need the size of axis " + axis
                        + ", which " + inputType + " does not tell; give it a time series length");
            }
        }
    }

    /** The axis whose indices have statistics of their own, of activations of a shape. */
    int axisIn(long[] shape) {
        if (axis == null) {
            return Formats.channelAxis(who(), effectiveFormat(), shape);
        }
        int normalized = axis < 0 ? axis + shape.length : axis;
        if (normalized < 1 || normalized >= shape.length) {
            throw new DL4JInvalidConfigException(who() + ": expected an axis from 1 to " + (shape.length - 1)
                    + " or from " + (1 - shape.length) + " to -1, got " + axis + " for shape "
                    + Arrays.toString(shape));
        }
        return normalized;
    }

    /** The number of statistics, 0 if it is not known. */
    long size() {
        if (axis == null) {
            return getNIn();
        }
        return inputShape == null ? 0 : withChannels(inputShape)[axisIn(inputShape)];
    }

    @Override
    boolean activates() {
        return true;
    }

    @Override
    List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        if (!gammaIsFixed()) {
            parameters.add(new Parameter(GAMMA, Role.SCALE, gamma, 1, size()));
        }
        if (!betaIsFixed()) {
            parameters.add(new Parameter(BETA, Role.SHIFT, beta, 1, size()));
        }
        if (runningStatistics) {
            parameters.add(new Parameter(MEAN, Role.STATISTIC, 0, 1, size()));
            parameters.add(new Parameter(VARIANCE, Role.STATISTIC, 1, 1, size()));
        }
        return parameters;
    }

    boolean gammaIsFixed() {
        return fixedGammaBeta || fixedGamma;
    }

    boolean betaIsFixed() {
        return fixedGammaBeta || fixedBeta;
    }

    @Override
    NormLayerImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new BatchNormImpl(conf, type);
    }

    /**
     * The weight of the old value in the running statistics.
     *
     * @return decay
     */
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

    /**
     * The initial or fixed γ.
     *
     * @return γ
     */
    public double getGamma() {
        return gamma;
    }

    /**
     * Sets the initial or fixed γ.
     *
     * @param gamma γ
     */
    public void setGamma(double gamma) {
        this.gamma = gamma;
    }

    /**
     * The initial or fixed β.
     *
     * @return β
     */
    public double getBeta() {
        return beta;
    }

    /**
     * Sets the initial or fixed β.
     *
     * @param beta β
     */
    public void setBeta(double beta) {
        this.beta = beta;
    }

    /**
     * Whether γ and β are constants.
     *
     * @return true if they are not trained
     */
    public boolean isFixedGammaBeta() {
        return fixedGammaBeta;
    }

    /**
     * Sets whether γ and β are constants.
     *
     * @param fixedGammaBeta true if they are not trained
     */
    public void setFixedGammaBeta(boolean fixedGammaBeta) {
        this.fixedGammaBeta = fixedGammaBeta;
    }

    /**
     * Whether γ alone is a constant.
     *
     * @return true if it is not trained
     */
    public boolean isFixedGamma() {
        return fixedGamma;
    }

    /**
     * Sets whether γ alone is a constant.
     *
     * @param fixedGamma true if it is not trained
     */
    public void setFixedGamma(boolean fixedGamma) {
        this.fixedGamma = fixedGamma;
    }

    /**
     * Whether β alone is a constant.
     *
     * @return true if it is not trained
     */
    public boolean isFixedBeta() {
        return fixedBeta;
    }

    /**
     * Sets whether β alone is a constant.
     *
     * @param fixedBeta true if it is not trained
     */
    public void setFixedBeta(boolean fixedBeta) {
        this.fixedBeta = fixedBeta;
    }

    /**
     * The axis whose indices have statistics of their own.
     *
     * @return an axis of the activations, or null for that of the channels
     */
    public Integer getAxis() {
        return axis;
    }

    /**
     * Sets the axis whose indices have statistics of their own.
     *
     * @param axis an axis of the activations, or null for that of the channels
     */
    public void setAxis(Integer axis) {
        this.axis = axis;
    }

    /**
     * The shape of the input as its type told it.
     *
     * @return a shape with -1 for what is not known, or null without an input type or an axis
     */
    public long[] getInputShape() {
        return inputShape;
    }

    /**
     * Sets the shape of the input as its type told it.
     *
     * @param inputShape a shape with -1 for what is not known, or null
     */
    public void setInputShape(long[] inputShape) {
        this.inputShape = inputShape;
    }

    /**
     * Whether running statistics are kept and used in inference.
     *
     * @return false if inference uses the batch's statistics too
     */
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

    /**
     * Whether the running variance averages unbiased variances.
     *
     * @return true for unbiased ones, false for biased ones
     */
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

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof BatchNorm;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BatchNorm that
                && super.equals(other)
                && Double.compare(decay, that.decay) == 0
                && Double.compare(gamma, that.gamma) == 0
                && Double.compare(beta, that.beta) == 0
                && fixedGammaBeta == that.fixedGammaBeta
                && fixedGamma == that.fixedGamma
                && fixedBeta == that.fixedBeta
                && runningStatistics == that.runningStatistics
                && unbiasedRunningVariance == that.unbiasedRunningVariance
                && Objects.equals(axis, that.axis)
                && Arrays.equals(inputShape, that.inputShape);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(),
                decay,
                gamma,
                beta,
                fixedGammaBeta,
                fixedGamma,
                fixedBeta,
                runningStatistics,
                unbiasedRunningVariance,
                axis,
                Arrays.hashCode(inputShape));
    }

    @Override
    public String toString() {
        return "BatchNorm(" + super.toString() + ", decay=" + decay + ", gamma=" + gamma + ", beta=" + beta
                + ", fixedGammaBeta=" + fixedGammaBeta + ", fixedGamma=" + fixedGamma + ", fixedBeta=" + fixedBeta
                + ", runningStatistics=" + runningStatistics + ", unbiasedRunningVariance=" + unbiasedRunningVariance
                + ", axis=" + axis + ", inputShape=" + Arrays.toString(inputShape) + ")";
    }

    /** Builds a {@link BatchNorm}. Defaults are those of DL4J's own layer. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends NormLayer.Builder<Builder> {
        private double decay = 0.9;
        private double gamma = 1;
        private double beta;
        private boolean fixedGammaBeta;
        private boolean fixedGamma;
        private boolean fixedBeta;
        private boolean runningStatistics = true;
        private boolean unbiasedRunningVariance;
        private Integer axis;

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
         * Sets the value of γ at the beginning, or always if {@link #fixedGammaBeta fixed}.
         *
         * @param gamma γ; default 1
         * @return this
         */
        public Builder gamma(double gamma) {
            this.gamma = gamma;
            return this;
        }

        /**
         * Sets the value of β at the beginning, or always if {@link #fixedGammaBeta fixed}.
         *
         * @param beta β; default 0
         * @return this
         */
        public Builder beta(double beta) {
            this.beta = beta;
            return this;
        }

        /**
         * Sets whether γ and β are constants instead of trained parameters.
         *
         * @param fixedGammaBeta default false
         * @return this
         */
        public Builder fixedGammaBeta(boolean fixedGammaBeta) {
            this.fixedGammaBeta = fixedGammaBeta;
            return this;
        }

        /**
         * Sets whether γ alone is a constant instead of a trained parameter.
         *
         * @param fixedGamma default false
         * @return this
         */
        public Builder fixedGamma(boolean fixedGamma) {
            this.fixedGamma = fixedGamma;
            return this;
        }

        /**
         * Sets whether β alone is a constant instead of a trained parameter.
         *
         * @param fixedBeta default false
         * @return this
         */
        public Builder fixedBeta(boolean fixedBeta) {
            this.fixedBeta = fixedBeta;
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
            this.axis = axis;
            return this;
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
         * Sets whether l1, l2 and weight decay apply to γ (as a weight) and β (as a bias).
         *
         * @param regularizeGammaBeta default false
         * @return this
         */
        public Builder regularizeGammaBeta(boolean regularizeGammaBeta) {
            return regularized(regularizeGammaBeta);
        }

        /**
         * Sets an activation that is applied in the same pass: RELU, or IDENTITY, the default. The network's activation
         * is never inherited. For any other use an ActivationLayer after this layer.
         *
         * @param activation RELU or IDENTITY
         * @return this
         */
        @Override
        public Builder activation(Activation activation) {
            return super.activation(activation);
        }

        /**
         * Builds the layer.
         *
         * @return a new layer
         * @throws IllegalArgumentException if eps is not positive or decay not in [0, 1]
         * @throws org.deeplearning4j.exception.DL4JInvalidConfigException if an activation but RELU and IDENTITY, dropout
         *     or weight noise is set, or nOut differs from nIn
         */
        @Override
        public BatchNorm build() {
            return new BatchNorm(this);
        }
    }
}
