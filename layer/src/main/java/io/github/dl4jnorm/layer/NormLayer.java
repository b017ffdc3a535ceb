package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.layer.Parameter.Role;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutionalFlat;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * What the normalization layers have in common: as many outputs as inputs, any input type, an explicit data format that
 * wins over DL4J's, and ε. A layer says which {@link NormSpec} it is.
 */
abstract class NormLayer extends FeedForwardLayer {
    /** Key of the parameter γ of every layer that has one. */
    public static final String GAMMA = "gamma";

    /** Key of the parameter β of every layer that has one. */
    public static final String BETA = "beta";

    // Arrays of the size of the activations that the nd4j engine, which needs most, creates in a pass.
    private static final int FORWARD_ARRAYS = 6;
    private static final int BACKWARD_ARRAYS = 9;

    private double eps;
    private int[] axes;
    private DataFormat dataFormat;
    private DataFormat inputFormat;
    private long[] inputShape;

    NormLayer(Builder<?> builder) {
        super(builder);
        eps = builder.eps;
        axes = builder.axes;
        dataFormat = builder.dataFormat;
        activationFn = null; // Always, in copies too: getActivationFn says what it is.
        setNIn(Math.max(builder.getNIn(), builder.getNOut()));
    }

    /** The normalization of activations with their channels on an axis. */
    abstract NormSpec spec(int channelAxis);

    /** The axes that were set, or else that of the channels. */
    final int[] axesOr(int channelAxis) {
        return axes == null ? new int[] {channelAxis} : axes;
    }

    /** The normalization of activations of a shape, in the format that counts. */
    final NormSpec specOf(String who, long... shape) {
        return spec(Formats.channelAxis(who, effectiveFormat(), shape));
    }

    /** The groups of activations of a shape; sizes of -1 are not known. */
    Groups groupsOf(String who, long... shape) {
        return specOf(who, shape).on(who, shape);
    }

    /** The activation functions that this layer can apply in the same pass. */
    boolean canApply(IActivation activation) {
        return activation instanceof ActivationIdentity;
    }

    /** Checks what was built, or set by deserialization, which calls no builder. */
    void validate() {
        if (getNIn() < 0) {
            throw new DL4JInvalidConfigException(who() + ": expected nIn > 0, got " + getNIn());
        }
        specToCheck().checkEps(who());
        if (inputShape != null) {
            groupsOf(who(), knownShape());
        }
    }

    /** The normalization whose ε is checked; the axis does not matter. */
    NormSpec specToCheck() {
        return spec(1);
    }

    /** The constant in place of γ, where that is no parameter. */
    double constantGamma() {
        return 1;
    }

    /** The constant in place of β, where that is no parameter. */
    double constantBeta() {
        return 0;
    }

    /** Refuses what no normalization layer can do. For the constructors of final classes. */
    final void check(Builder<?> builder) {
        long nIn = builder.getNIn();
        long nOut = builder.getNOut();
        if (nIn < 0 || nOut < 0 || (nIn > 0 && nOut > 0 && nIn != nOut)) {
            throw new DL4JInvalidConfigException(
                    who() + ": expected nOut = nIn > 0, got nIn " + nIn + ", nOut " + nOut);
        }
        checkActivation(builder.getActivationFn());
        reject("dropout", builder.getIDropout() != null, "a DropoutLayer before it");
        reject("weight noise", builder.getWeightNoise() != null, "weight noise in other layers");
        validate();
    }

    private void checkActivation(IActivation activation) {
        boolean refused = activation != null && !canApply(activation);
        String which = canApply(new ActivationReLU())
                ? "an activation but RELU and IDENTITY, got " + activation
                : "an activation";
        reject(which, refused, "an ActivationLayer after it");
    }

    private void reject(String what, boolean present, String instead) {
        if (present) {
            throw new DL4JInvalidConfigException(who() + ": does not apply " + what + "; use " + instead);
        }
    }

    /** The kind and the name of this layer, for messages. */
    String who() {
        String kind = getClass().getSimpleName();
        return getLayerName() == null ? kind : kind + " \"" + getLayerName() + "\"";
    }

    /** The parameters, in the order in which they lie in the network's flat array. */
    List<Parameter> parameters() {
        return List.of();
    }

    /** The implementation, without parameters yet. */
    NormLayerImpl<?> implementation(NeuralNetConfiguration conf, DataType type) {
        return new StatelessNormImpl(conf, type);
    }

    /** The shape of the input as far as it is known, with the number of channels as it is now; or null. */
    final long[] knownShape() {
        return inputShape == null ? null : withChannels(inputShape);
    }

    /** The shape of activations of a type, with -1 for what is not known: DL4J's Keras import says 0 then. */
    final long[] shapeOf(InputType inputType) {
        return Arrays.stream(getOutputType(-1, inputType).getShape(true))
                .map(size -> size > 0 ? size : -1)
                .toArray();
    }

    /** The shape of the input with the number of channels as it is now: it may have been replaced since. */
    final long[] withChannels(long[] inputShape) {
        long[] shape = inputShape.clone();
        shape[Formats.channelAxis(who(), effectiveFormat(), shape)] = getNIn();
        return shape;
    }

    /** The format of activations: as set, else as the input type reported, else null for channels first. */
    DataFormat effectiveFormat() {
        return dataFormat != null ? dataFormat : inputFormat;
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> trainingListeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        validate();
        for (Parameter parameter : parameters()) {
            if (parameter.length() == 0) {
                throw new DL4JInvalidConfigException(who() + " (layer index " + layerIndex + "): the size of "
                        + parameter.name() + " is not known; set the network's input type, or nIn");
            }
        }
        NormLayerImpl<?> layer = implementation(conf, networkDataType);
        layer.setListeners(trainingListeners);
        layer.setIndex(layerIndex);
        layer.setParamsViewArray(layerParamsView);
        layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
        layer.warnOfPrecision();
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return NormParamInitializer.INSTANCE;
    }

    @Override
    protected void initializeConstraints(Layer.Builder<?> builder) {
        super.initializeConstraints(builder);
        if (constraints != null) {
            for (LayerConstraint constraint : constraints) {
                Set<String> constrained = new HashSet<>(constraint.getParams());
                constrained.removeAll(statistics());
                constraint.setParams(constrained);
            }
        }
    }

    private List<String> statistics() {
        return NormParamInitializer.INSTANCE.keys(this, Role.STATISTIC);
    }

    /**
     * Takes the number of channels, and always the data format and the sizes of the axes, from the type of the input. The
     * sizes that it does not tell stay as they were.
     *
     * @param inputType type of the input
     * @param override whether to replace a number of channels that is already set
     * @throws DL4JInvalidConfigException if there is no input type, it contradicts the data format that was set, or it
     *     does not tell the size of a parameter
     * @throws IllegalArgumentException if an axis is out of range or repeated, or the layer cannot normalize such input
     */
    @Override
    public void setNIn(InputType inputType, boolean override) {
        formatFor(inputType);
        inputFormat = Formats.of(inputType);
        if (getNIn() <= 0 || override) {
            setNIn(Formats.channels(inputType));
        }
        inputShape = completed(shapeOf(inputType));
        groupsOf(who(), knownShape());
    }

    /** A shape with what was known before of sizes that it does not tell: DL4J forgets the length of sequences. */
    private long[] completed(long... shape) {
        if (inputShape == null || inputShape.length != shape.length) {
            return shape;
        }
        long[] completed = shape.clone();
        for (int axis = 1; axis < shape.length; axis++) {
            if (shape[axis] < 0) {
                completed[axis] = inputShape[axis];
            }
        }
        return completed;
    }

    private DataFormat formatFor(InputType inputType) {
        if (inputType == null) {
            throw new DL4JInvalidConfigException(who() + ": expected an input type, got null");
        }
        DataFormat reported = Formats.of(inputType);
        if (dataFormat == null || reported == null) {
            return reported;
        }
        if (Formats.rank(dataFormat) != Formats.rank(reported)) {
            throw new DL4JInvalidConfigException(
                    who() + ": data format " + dataFormat + " does not fit input type " + inputType);
        }
        return dataFormat;
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

    /**
     * The input type itself, in the data format and with the number of channels that this layer works with.
     *
     * @param layerIndex index of the layer
     * @param inputType type of the input
     * @return type of the output
     * @throws DL4JInvalidConfigException if there is no input type, or it contradicts the data format that was set
     */
    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        DataFormat format = formatFor(inputType);
        return Formats.restated(inputType, format, getNIn() > 0 ? getNIn() : Formats.channels(inputType));
    }

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        if (!(inputType instanceof InputTypeConvolutionalFlat flat)) {
            return null;
        }
        if (formatFor(inputType) != CNN2DFormat.NCHW) {
            throw new DL4JInvalidConfigException(
                    who() + ": flattened images become NCHW activations, but the data format was set to " + dataFormat);
        }
        return new FeedForwardToCnnPreProcessor(flat.getHeight(), flat.getWidth(), flat.getDepth());
    }

    @Override
    public IUpdater getUpdaterByParam(String paramName) {
        return statistics().contains(paramName) ? new NoOp() : super.getUpdaterByParam(paramName);
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        InputType outputType = getOutputType(-1, inputType);
        long updaterState = parameters().stream()
                .mapToLong(p -> getUpdaterByParam(p.name()).stateSize(p.length()))
                .sum();
        long activations = outputType.arrayElementsPerExample();
        return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, outputType)
                .standardMemory(initializer().numParams(this), updaterState)
                .workingMemory(0, FORWARD_ARRAYS * activations, 0, BACKWARD_ARRAYS * activations)
                .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
                .build();
    }

    /**
     * ε of the formula.
     *
     * @return ε
     */
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

    /**
     * The axes that were set.
     *
     * @return axes of the activations, or null for the layer's default
     */
    public int[] getAxes() {
        return axes;
    }

    /**
     * Sets the axes.
     *
     * @param axes axes of the activations, or null for the layer's default
     */
    public void setAxes(int[] axes) {
        this.axes = axes;
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

    /**
     * The activation that is applied in the same pass.
     *
     * @return a function of DL4J's; changing it changes nothing
     */
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
     * The data format that was set explicitly.
     *
     * @return a format, or null to trust the input type
     */
    public DataFormat getDataFormat() {
        return dataFormat;
    }

    /**
     * Sets the data format explicitly.
     *
     * @param dataFormat a format, or null to trust the input type
     */
    public void setDataFormat(DataFormat dataFormat) {
        this.dataFormat = dataFormat;
    }

    /**
     * The data format that the input type reported.
     *
     * @return a format, or null if there was none
     */
    public DataFormat getInputFormat() {
        return inputFormat;
    }

    /**
     * Sets the data format that the input type reported.
     *
     * @param inputFormat a format, or null if there was none
     */
    public void setInputFormat(DataFormat inputFormat) {
        this.inputFormat = inputFormat;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other != null && other.getClass() == getClass();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NormLayer that
                && super.equals(other)
                && Double.compare(eps, that.eps) == 0
                && Arrays.equals(axes, that.axes)
                && Arrays.equals(inputShape, that.inputShape)
                && dataFormat == that.dataFormat
                && inputFormat == that.inputFormat;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(),
                eps,
                Arrays.hashCode(axes),
                Arrays.hashCode(inputShape),
                name(dataFormat),
                name(inputFormat));
    }

    // Hash codes of enum constants differ from run to run.
    static String name(Object constant) {
        return constant == null ? null : constant.toString();
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "(" + fields() + ")";
    }

    /** Names and values of the fields, for {@link #toString}. */
    String fields() {
        return super.toString() + ", layerName=" + getLayerName() + ", eps=" + eps + ", axes=" + Arrays.toString(axes)
                + ", dataFormat=" + dataFormat + ", inputFormat=" + inputFormat + ", inputShape="
                + Arrays.toString(inputShape);
    }

    /** What the builders have in common. */
    @SuppressWarnings("unchecked")
    abstract static class Builder<T extends Builder<T>> extends FeedForwardLayer.Builder<T> {
        private double eps;
        private int[] axes;
        private DataFormat dataFormat;

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
        public T dataFormat(DataFormat dataFormat) {
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
