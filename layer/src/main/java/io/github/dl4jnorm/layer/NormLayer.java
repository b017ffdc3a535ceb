package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.layer.Parameter.Role;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
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
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * What DL4J asks of a normalization layer: as many outputs as inputs, any input type, and an explicit data format that
 * wins over DL4J's. A layer says which {@link NormSpec} it is.
 */
abstract class NormLayer extends NormConfiguration {
    /** Key of the parameter γ of every layer that has one. */
    public static final String GAMMA = "gamma";

    /** Key of the parameter β of every layer that has one. */
    public static final String BETA = "beta";

    // Arrays of the size of the activations that the nd4j engine, which needs most, creates in a pass.
    private static final int FORWARD_ARRAYS = 6;
    private static final int BACKWARD_ARRAYS = 9;

    NormLayer(Builder<?> builder) {
        super(builder);
        setNIn(Math.max(builder.getNIn(), builder.getNOut()));
    }

    /** The normalization of activations with their channels on an axis. */
    abstract NormSpec spec(int channelAxis);

    /** The axes that were set, or else that of the channels. */
    final int[] axesOr(int channelAxis) {
        int[] axes = getAxes();
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
        long[] shape = knownShape();
        if (shape != null) {
            groupsOf(who(), shape);
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

    /** Checks a new layer, and gives it what only a whole one can take; its builder returns it then. */
    static <L extends NormLayer> L checked(L layer, Builder<?> builder) {
        BuilderChecks.check(layer, builder);
        layer.validate();
        layer.initializeConstraints(builder);
        return layer;
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
    final long @Nullable [] knownShape() {
        long[] shape = getInputShape();
        return shape == null ? null : withChannels(shape);
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
    final @Nullable DataFormat effectiveFormat() {
        return getDataFormat() != null ? getDataFormat() : getInputFormat();
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
        setInputFormat(Formats.of(inputType));
        if (getNIn() <= 0 || override) {
            setNIn(Formats.channels(inputType));
        }
        long[] shape = completed(shapeOf(inputType));
        setInputShape(shape);
        groupsOf(who(), withChannels(shape));
    }

    /** A shape with what was known before of sizes that it does not tell: DL4J forgets the length of sequences. */
    private long[] completed(long... shape) {
        long[] before = getInputShape();
        if (before == null || before.length != shape.length) {
            return shape;
        }
        long[] completed = shape.clone();
        for (int axis = 1; axis < shape.length; axis++) {
            if (shape[axis] < 0) {
                completed[axis] = before[axis];
            }
        }
        return completed;
    }

    private @Nullable DataFormat formatFor(InputType inputType) {
        if (inputType == null) {
            throw new DL4JInvalidConfigException(who() + ": expected an input type, got null");
        }
        DataFormat reported = Formats.of(inputType);
        DataFormat dataFormat = getDataFormat();
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
    public @Nullable InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        if (!(inputType instanceof InputTypeConvolutionalFlat flat)) {
            return null;
        }
        if (formatFor(inputType) != CNN2DFormat.NCHW) {
            throw new DL4JInvalidConfigException(who()
                    + ": flattened images become NCHW activations, but the data format was set to " + getDataFormat());
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
}
