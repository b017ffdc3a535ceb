package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Normalization by the sum: y = x/(Σx + ε), with the sum over one or several axes, per index of the others, alike in
 * training and inference. It suits non-negative activations; a sum that is exactly zero is an error that names the
 * layer and the position. There are no parameters.
 *
 * <p>For feed-forward [N, C], recurrent (NCW, NWC), CNN (NCHW, NHWC), flattened CNN and 3D CNN (NCDHW, NDHWC) input.
 * The sum is over the channels, or features, unless {@link Builder#axis} says otherwise. Masked positions do not enter
 * sums, give zeros and receive zero gradient, whatever is behind the mask.
 */
public final class SumNorm extends NormLayer {
    private int[] axis;

    // For deserialization, which then calls the setters.
    private SumNorm() {
        this(new Builder());
    }

    private SumNorm(Builder builder) {
        super(builder);
        axis = builder.axis;
        check(builder);
        NormChecks.nonNegativeEps(who(), getEps());
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
     * Takes the number of channels, and always the data format, from the type of the input.
     *
     * @param inputType type of the input
     * @param override whether to replace a number of channels that is already set
     * @throws org.deeplearning4j.exception.DL4JInvalidConfigException if there is no input type, or it contradicts the
     *     data format that was set
     * @throws IllegalArgumentException if an axis is out of range or repeated
     */
    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        axesOf(who(), shapeOf(inputType));
    }

    /** The axes of activations of a shape. */
    NormAxes axesOf(String who, long[] shape) {
        return axesOver(who, shape, axis);
    }

    @Override
    List<Parameter> parameters() {
        return List.of();
    }

    @Override
    NormLayerImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new SumNormImpl(conf, type);
    }

    /**
     * The axes summed over.
     *
     * @return axes of the activations, or null for the channels
     */
    public int[] getAxis() {
        return axis;
    }

    /**
     * Sets the axes summed over.
     *
     * @param axis axes of the activations, or null for the channels
     */
    public void setAxis(int[] axis) {
        this.axis = axis;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof SumNorm;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SumNorm that && super.equals(other) && Arrays.equals(axis, that.axis);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), Arrays.hashCode(axis));
    }

    @Override
    public String toString() {
        return "SumNorm(" + super.toString() + ", axis=" + Arrays.toString(axis) + ")";
    }

    /** Builds a {@link SumNorm}. */
    @SuppressWarnings("unchecked") // DL4J's generic build()
    public static final class Builder extends NormLayer.Builder<Builder> {
        private int[] axis;

        /** Creates a builder with ε = 0. */
        public Builder() {
            super(0);
        }

        /**
         * Sets the axes summed over, as axes of the activations: axis 0 is the batch, negative ones count from the end.
         *
         * @param axis one or more different axes; by default that of the channels
         * @return this
         */
        public Builder axis(int... axis) {
            this.axis = axis.clone();
            return this;
        }

        /**
         * Builds the layer.
         *
         * @return a new layer
         * @throws IllegalArgumentException if eps is negative
         * @throws org.deeplearning4j.exception.DL4JInvalidConfigException if an activation, dropout or weight noise is
         *     set, or nOut differs from nIn
         */
        @Override
        public SumNorm build() {
            return new SumNorm(this);
        }
    }
}
