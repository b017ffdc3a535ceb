package io.github.dl4jnorm.layer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/**
 * What is set on a normalization layer, or told it by its network, and its builder. DL4J writes and reads each field by
 * its getter and setter.
 */
abstract class NormConfiguration extends FeedForwardLayer {
    private double eps;
    private int @Nullable [] axes;
    private @Nullable DataFormat dataFormat;
    private @Nullable DataFormat inputFormat;
    private long @Nullable [] inputShape;

    NormConfiguration(Builder<?> builder) {
        super(builder);
        eps = builder.eps;
        axes = builder.axes;
        dataFormat = builder.dataFormat;
        activationFn = null; // Always, in copies too: getActivationFn says what it is.
    }

    /** All settings by name, with arrays as text: layers are equal if these are, and {@link #toString} has them. */
    Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("layerName", getLayerName());
        settings.put("eps", eps);
        settings.put("axes", Arrays.toString(axes));
        settings.put("dataFormat", dataFormat);
        settings.put("inputFormat", inputFormat);
        settings.put("inputShape", Arrays.toString(inputShape));
        return settings;
    }

    /** The kind and the name of this layer, for messages. */
    final String who() {
        String kind = getClass().getSimpleName();
        return getLayerName() == null ? kind : kind + " \"" + getLayerName() + "\"";
    }

    /** {@return ε of the formula} */
    public double getEps() {
        return eps;
    }

    /**
     * Sets ε of the formula.
     *
     * @param eps ε
     */
    public void setEps(double eps) {
        this.eps = eps;
    }

    /** {@return the axes that were set, as axes of the activations, or null for the layer's default} */
    public int @Nullable [] getAxes() {
        return axes;
    }

    /**
     * Sets the axes.
     *
     * @param axes axes of the activations, or null for the layer's default
     */
    public void setAxes(int @Nullable [] axes) {
        this.axes = axes;
    }

    /** {@return the shape of the input as its type told it, with -1 for what is not known; null without an input type} */
    public long @Nullable [] getInputShape() {
        return inputShape;
    }

    /**
     * Sets the shape of the input as its type told it.
     *
     * @param inputShape a shape with -1 for what is not known, or null
     */
    public void setInputShape(long @Nullable [] inputShape) {
        this.inputShape = inputShape;
    }

    /** {@return the data format that was set, or null to trust the input type} */
    public @Nullable DataFormat getDataFormat() {
        return dataFormat;
    }

    /**
     * Sets the data format.
     *
     * @param dataFormat a format, or null to trust the input type
     */
    public void setDataFormat(@Nullable DataFormat dataFormat) {
        this.dataFormat = dataFormat;
    }

    /** {@return the data format that the input type reported, or null if there was none} */
    public @Nullable DataFormat getInputFormat() {
        return inputFormat;
    }

    /**
     * Sets the data format that the input type reported.
     *
     * @param inputFormat a format, or null if there was none
     */
    public void setInputFormat(@Nullable DataFormat inputFormat) {
        this.inputFormat = inputFormat;
    }

    /** {@return the activation of this very layer, as a new function of DL4J's; changing it changes nothing} */
    @Override
    public IActivation getActivationFn() {
        return new ActivationIdentity();
    }

    /**
     * Does nothing: DL4J hands a layer the activation of its network, sigmoid by default, or of a fine-tuning this way,
     * and only an activation that was set on the layer's builder counts.
     *
     * @param activationFn ignored
     */
    @Override
    public void setActivationFn(IActivation activationFn) {
        // Only the builder sets it.
    }

    /**
     * Sets the number of channels. A normalization has as many outputs as inputs.
     *
     * @param nIn number of channels, or features
     */
    @Override
    public void setNIn(long nIn) {
        super.setNIn(nIn);
        super.setNOut(nIn);
    }

    /**
     * Sets the number of channels, as {@link #setNIn(long)} does.
     *
     * @param nOut number of channels, or features
     */
    @Override
    public void setNOut(long nOut) {
        setNIn(nOut);
    }

    @Override
    protected final boolean canEqual(Object other) {
        return other != null && other.getClass() == getClass();
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof NormConfiguration that
                && super.equals(other)
                && settings().equals(that.settings());
    }

    @Override
    public final int hashCode() {
        return Objects.hash(super.hashCode(), eps, Arrays.hashCode(axes));
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "(" + super.toString() + ", "
                + settings().entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue())
                        .collect(Collectors.joining(", "))
                + ")";
    }

    /** What the builders have in common. */
    @SuppressWarnings("unchecked")
    abstract static class Builder<T extends Builder<T>> extends FeedForwardLayer.Builder<T> {
        private double eps;
        private int @Nullable [] axes;
        private @Nullable DataFormat dataFormat;

        Builder(double eps) {
            this.eps = eps;
        }

        /**
         * Sets ε of the formula.
         *
         * @param eps ε
         * @return this
         */
        public T eps(double eps) {
            this.eps = eps;
            return (T) this;
        }

        /**
         * Sets where the channels are. Wins over what the network's input type says, which DL4J reports wrongly behind
         * some layers.
         *
         * @param dataFormat a {@link CNN2DFormat}, {@link org.deeplearning4j.nn.conf.RNNFormat} or {@link
         *     org.deeplearning4j.nn.conf.layers.Convolution3D.DataFormat}; null, the default, to trust the input type
         * @return this
         * @throws IllegalArgumentException if it is none of them
         */
        public T dataFormat(@Nullable DataFormat dataFormat) {
            if (dataFormat != null) {
                Formats.rank(dataFormat);
            }
            this.dataFormat = dataFormat;
            return (T) this;
        }

        /** Sets the axes, for builders that offer it, see {@link OverAxes}. */
        final T setAxes(int... axes) {
            this.axes = axes.clone();
            return (T) this;
        }
    }
}
