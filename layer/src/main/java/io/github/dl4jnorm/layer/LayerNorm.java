package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.NormAxes;
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
 * Layer normalization (Ba, Kiros and Hinton 2016): per example, and per position that is not normalized over,
 *
 * <pre>
 * y = g·(x − μ)/√(σ² + ε) + b     μ, σ²: mean and biased variance over the normalized axes
 * </pre>
 *
 * and, with {@code activation(RELU)}, max(0, y) in the same pass,
 *
 * for feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input, alike
 * in training and inference. The normalized axes are those of the channels, or features, unless {@link Builder#axes}
 * says otherwise.
 *
 * <p>Parameters: {@code gain} and {@code bias}, each optional and of the shape of the normalized axes in increasing
 * order ([1, C] for the channels alone). Their initial values are DL4J's {@code gainInit}, 1 by default, and
 * {@code biasInit}, 0 by default.
 *
 * <p>Masked positions give zeros and receive zero gradient, whatever is behind the mask. Normalizing over an axis along
 * which a mask runs, such as time, is refused.
 */
public final class LayerNorm extends NormLayer {
    static final String GAIN = "gain";
    static final String BIAS = "bias";

    private int[] axes;
    private boolean hasGain;
    private boolean hasBias;
    private long[] inputShape;

    // For deserialization, which then calls the setters.
    private LayerNorm() {
        this(new Builder());
    }

    private LayerNorm(Builder builder) {
        super(builder);
        axes = builder.axes;
        hasGain = builder.hasGain;
        hasBias = builder.hasBias;
        check(builder);
        NormChecks.positiveEps(who(), getEps());
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
     * Takes the number of channels, the sizes of the normalized axes, and always the data format, from the type of the
     * input.
     *
     * @param inputType type of the input
     * @param override whether to replace a number of channels that is already set
     * @throws DL4JInvalidConfigException if there is no input type, it contradicts the data format that was set, an
     *     axis is the batch's, or the gain or bias has an unknown size
     * @throws IllegalArgumentException if an axis is out of range or repeated
     */
    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        inputShape = shapeOf(inputType);
        long[] sizes = axesOf(who(), inputShape).affineShape();
        if ((hasGain || hasBias) && Arrays.stream(sizes).anyMatch(size -> size <= 0)) {
            throw new DL4JInvalidConfigException(who() + ": the gain and bias need the sizes of axes "
                    + Arrays.toString(axes) + ", which " + inputType + " does not tell; give it a time series length");
        }
    }

    /** The axes of activations of a shape; sizes of -1 are not known. */
    NormAxes axesOf(String who, long[] shape) {
        NormAxes normAxes = axesOver(who, shape, axes);
        if (normAxes.reduced()[0] == 0) {
            throw new DL4JInvalidConfigException(who + ": cannot normalize over axis 0, the batch; axes "
                    + Arrays.toString(axes) + " of shape " + Arrays.toString(shape));
        }
        return normAxes;
    }

    @Override
    boolean activates() {
        return true;
    }

    @Override
    List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        if (hasGain) {
            parameters.add(new Parameter(GAIN, Role.SCALE, orDefault(getGainInit(), 1), parameterShape()));
        }
        if (hasBias) {
            parameters.add(new Parameter(BIAS, Role.SHIFT, orDefault(getBiasInit(), 0), parameterShape()));
        }
        return parameters;
    }

    private static double orDefault(double initial, double otherwise) {
        return Double.isNaN(initial) ? otherwise : initial;
    }

    private long[] parameterShape() {
        if (axes == null) {
            return new long[] {1, getNIn()};
        }
        if (inputShape == null) {
            return new long[] {0};
        }
        return axesOf(who(), withChannels(inputShape)).affineShape();
    }

    @Override
    NormLayerImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new LayerNormImpl(conf, type);
    }

    /**
     * The normalized axes.
     *
     * @return axes of the activations, or null for the channels
     */
    public int[] getAxes() {
        return axes;
    }

    /**
     * Sets the normalized axes.
     *
     * @param axes axes of the activations, or null for the channels
     */
    public void setAxes(int[] axes) {
        this.axes = axes;
    }

    /**
     * Whether there is a gain.
     *
     * @return true if there is
     */
    public boolean isHasGain() {
        return hasGain;
    }

    /**
     * Sets whether there is a gain.
     *
     * @param hasGain true if there is
     */
    public void setHasGain(boolean hasGain) {
        this.hasGain = hasGain;
    }

    /**
     * Whether there is a bias.
     *
     * @return true if there is
     */
    public boolean isHasBias() {
        return hasBias;
    }

    /**
     * Sets whether there is a bias.
     *
     * @param hasBias true if there is
     */
    public void setHasBias(boolean hasBias) {
        this.hasBias = hasBias;
    }

    /**
     * The shape of the input as its type told it.
     *
     * @return a shape with -1 for what is not known, or null without an input type
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

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof LayerNorm;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LayerNorm that
                && super.equals(other)
                && Arrays.equals(axes, that.axes)
                && hasGain == that.hasGain
                && hasBias == that.hasBias
                && Arrays.equals(inputShape, that.inputShape);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), Arrays.hashCode(axes), hasGain, hasBias, Arrays.hashCode(inputShape));
    }

    @Override
    public String toString() {
        return "LayerNorm(" + super.toString() + ", axes=" + Arrays.toString(axes) + ", hasGain=" + hasGain
                + ", hasBias=" + hasBias + ", inputShape=" + Arrays.toString(inputShape) + ")";
    }

    /** Builds a {@link LayerNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends NormLayer.Builder<Builder> {
        private int[] axes;
        private boolean hasGain = true;
        private boolean hasBias = true;

        /** Creates a builder with ε = 1e-5. */
        public Builder() {
            super(1e-5);
        }

        /**
         * Sets the normalized axes, as axes of the activations: axis 0 is the batch and not allowed, negative ones count
         * from the end. For NCHW activations {@code axes(1, 2, 3)} normalizes over all features of an example.
         *
         * @param axes one or more different axes; by default that of the channels
         * @return this
         */
        public Builder axes(int... axes) {
            this.axes = axes.clone();
            return this;
        }

        /**
         * Sets whether there is a gain g.
         *
         * @param hasGain default true
         * @return this
         */
        public Builder hasGain(boolean hasGain) {
            this.hasGain = hasGain;
            return this;
        }

        /**
         * Sets whether there is a bias b.
         *
         * @param hasBias default true
         * @return this
         */
        public Builder hasBias(boolean hasBias) {
            this.hasBias = hasBias;
            return this;
        }

        /**
         * Sets whether l1, l2 and weight decay apply to the gain (as a weight) and the bias (as a bias).
         *
         * @param regularizeGainBias default false
         * @return this
         */
        public Builder regularizeGainBias(boolean regularizeGainBias) {
            return regularized(regularizeGainBias);
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
         * @throws IllegalArgumentException if eps is not positive
         * @throws DL4JInvalidConfigException if an activation but RELU and IDENTITY, dropout
         *     or weight noise is set, or nOut differs from nIn
         */
        @Override
        public LayerNorm build() {
            return new LayerNorm(this);
        }
    }
}
