package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.layers.Axes.KerasShape;
import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.layer.LayerNorm;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the imported layers have in common. They are built when DL4J asks for their output type, the first time that the
 * input's shape is known; and DL4J hides what a constructor throws. DL4J keeps the layout of Keras' activations, so that
 * axes mean the same in both.
 */
public abstract class KerasNormLayer extends KerasLayer {
    /**
     * The setting in which a pass over the model tells the shape of the input in Keras: a list with the batch and null for
     * sizes that are not known, or something else if not even the rank is.
     */
    public static final String INPUT_SHAPE = "dl4jnorm_input_shape";

    /** The setting in which a pass over the model tells which version of Keras wrote it. */
    public static final String KERAS_VERSION = "dl4jnorm_keras_version";

    /** Keras' names of the weights, and where they go. */
    private final Map<String, Weight> expected = new LinkedHashMap<>();

    private final LayerSettings settings;
    private @Nullable DataFormat format;

    /** A weight of this layer's. */
    private record Weight(String parameter, List<Long> sizes) {
        long length() {
            return sizes.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    KerasNormLayer(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false);
        className = OwnName.kerasClass(className);
        Map<String, @Nullable Object> inner = Json.object(layerConfig.get("config"));
        settings = new LayerSettings(who(), inner == null ? Map.of() : inner);
    }

    /** The kind and the name of this layer, for messages. */
    final String who() {
        return "Keras " + className + " \"" + layerName + "\"";
    }

    /**
     * Sets the DL4J layer or vertex, and what weights it {@link #expect expects}.
     *
     * @param settings the settings of this layer
     * @param inputType type of the input
     */
    abstract void build(LayerSettings settings, InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;

    /**
     * Checks the values of a weight.
     *
     * @param parameter the parameter that it becomes
     * @param value what the file has
     */
    void check(String parameter, INDArray value) throws InvalidKerasConfigurationException {
        // Most may be anything.
    }

    /** Says that a weight along axes becomes a parameter. */
    final void expect(String kerasName, String parameter, long... sizes) {
        expected.put(
                kerasName, new Weight(parameter, Arrays.stream(sizes).boxed().toList()));
    }

    /** Says that gamma and beta, as far as Keras' layer has them, lie along axes of these sizes. */
    final void expectGammaAndBeta(long... sizes) throws InvalidKerasConfigurationException {
        if (settings.flag("scale", true)) {
            expect("gamma", LayerNorm.GAMMA, sizes);
        }
        if (settings.flag("center", true)) {
            expect("beta", LayerNorm.BETA, sizes);
        }
    }

    /**
     * Builds the layer.
     *
     * @param inputTypes one type
     * @return the same: a normalization changes no shape
     * @throws InvalidKerasConfigurationException if there is not one input, or the configuration makes no sense
     * @throws UnsupportedKerasConfigurationException if there is no layer that does the same
     */
    @Override
    public final InputType getOutputType(InputType... inputTypes)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        if (inputTypes.length != 1 || inputTypes[0] == null) {
            throw new InvalidKerasConfigurationException(
                    who() + ": expected one input, got " + Arrays.toString(inputTypes));
        }
        InputType inputType = new Axes(who(), kerasShape(), corrected(inputTypes[0])).type();
        format = volumesHaveChannelsFirst() || !inputType.equals(inputTypes[0]) ? formatOf(inputType) : null;
        expected.clear();
        try {
            build(settings, inputType);
            if (layer != null) {
                layer.setNIn(inputType, true);
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UnsupportedKerasConfigurationException(who() + ": " + e.getMessage(), e);
        }
        return inputType;
    }

    /** DL4J reports activations of 3D convolutions as channels last, whatever they are. */
    private InputType corrected(InputType type) {
        return volumesHaveChannelsFirst() && type instanceof InputTypeConvolutional3D volume
                ? InputType.convolutional3D(
                        Convolution3D.DataFormat.NCDHW,
                        volume.getDepth(),
                        volume.getHeight(),
                        volume.getWidth(),
                        volume.getChannels())
                : type;
    }

    private boolean volumesHaveChannelsFirst() {
        return "channels_first".equals(settings.text("data_format"));
    }

    private static @Nullable DataFormat formatOf(InputType type) {
        if (type instanceof InputTypeRecurrent sequences) {
            return sequences.getFormat();
        }
        return type instanceof InputTypeConvolutional3D volumes ? volumes.getDataFormat() : null;
    }

    /** The data format to set on a layer, or null if that of the input type can be trusted. */
    final @Nullable DataFormat dataFormat() {
        return format;
    }

    /**
     * The axes of DL4J's activations, in increasing order.
     *
     * @param inputType type of the input
     */
    final int[] axes(InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return new Axes(who(), kerasShape(), inputType).of(settings.axes(-1));
    }

    /** The axis of a normalization that can have one only. */
    final int oneAxis(InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        int[] axes = axes(inputType);
        if (axes.length > 1) {
            throw new UnsupportedKerasConfigurationException(
                    who() + ": expected one axis, got " + Arrays.toString(axes));
        }
        return axes[0];
    }

    /** Refuses sequences whose time DL4J has in the batch, for a normalization with statistics of whole examples. */
    final void refuseFoldedTime(InputType inputType) throws UnsupportedKerasConfigurationException {
        List<@Nullable Integer> shape = kerasShape().shape();
        if (inputType instanceof InputTypeFeedForward && shape != null && shape.size() > 2) {
            throw new UnsupportedKerasConfigurationException(
                    who() + ": its statistics are of all time steps of an example,"
                            + " but DL4J has the time of Keras' activations " + shape + " in the batch, behind Dense");
        }
    }

    private KerasShape kerasShape() {
        return new KerasShape(settings.sizes(INPUT_SHAPE), settings.has(INPUT_SHAPE));
    }

    /** Whether axes are just that of the channels, which need not be set on a layer. */
    static boolean isDefault(InputType inputType, int... axes) {
        return axes.length == 1 && axes[0] == Axes.channelAxis(inputType);
    }

    /** Whether the axes are the last ones of Keras' activations. */
    final boolean areLast(InputType inputType)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        return new Axes(who(), kerasShape(), inputType).areLast(settings.axes(-1));
    }

    /** The sizes of axes. */
    final long[] sizesOf(InputType type, int... axes) throws UnsupportedKerasConfigurationException {
        long[] shape = type.getShape(true);
        long[] sizes = new long[axes.length];
        for (int i = 0; i < axes.length; i++) {
            sizes[i] = shape[axes[i]];
            if (sizes[i] <= 0) {
                throw new UnsupportedKerasConfigurationException(who() + ": the size of axis " + axes[i]
                        + " is not known, activations are " + type + "; give the input a fixed shape");
            }
        }
        return sizes;
    }

    /** Sets Keras' penalties of gamma and beta on a layer; says whether there are any. */
    final boolean penalize(BaseLayer.Builder<?> builder) {
        Penalty gamma = settings.penalty("gamma_regularizer");
        Penalty beta = settings.penalty("beta_regularizer");
        builder.l1(gamma.l1()).l2(gamma.dl4jL2()).l1Bias(beta.l1()).l2Bias(beta.dl4jL2());
        settings.ignoreInTraining("gamma_constraint", "beta_constraint");
        return !gamma.isNone() || !beta.isNone();
    }

    @Override
    public final int getNumParams() {
        return expected.size();
    }

    /**
     * Takes the weights.
     *
     * @param weights weights by Keras' names
     * @throws InvalidKerasConfigurationException if one is missing, of another length, not of this layer, or makes
     *     no sense
     */
    @Override
    public final void setWeights(Map<String, INDArray> weights) throws InvalidKerasConfigurationException {
        Set<String> names = new TreeSet<>(weights.keySet());
        if (!names.equals(new TreeSet<>(expected.keySet()))) {
            throw new InvalidKerasConfigurationException(
                    who() + ": expected weights " + expected.keySet() + ", got " + names);
        }
        Map<String, INDArray> parameters = new HashMap<>();
        for (Map.Entry<String, Weight> entry : expected.entrySet()) {
            INDArray value = Objects.requireNonNull(weights.get(entry.getKey()));
            Weight weight = entry.getValue();
            if (value.length() != weight.length()) {
                throw new InvalidKerasConfigurationException(who() + ": expected " + weight.length() + " values of "
                        + entry.getKey() + ", got shape " + Arrays.toString(value.shape()));
            }
            check(weight.parameter(), value);
            // Keras orders axes from the end before those from the start in a shape, but not the numbers themselves.
            parameters.put(
                    weight.parameter(),
                    value.dup('c')
                            .reshape(
                                    'c',
                                    weight.sizes().stream()
                                            .mapToLong(Long::longValue)
                                            .toArray()));
        }
        this.weights = parameters;
    }

    @Override
    public final void copyWeightsToLayer(org.deeplearning4j.nn.api.Layer layer)
            throws InvalidKerasConfigurationException {
        if (!expected.isEmpty() && weights == null) {
            throw new InvalidKerasConfigurationException(
                    who() + ": expected weights " + expected.keySet() + ", got none");
        }
        super.copyWeightsToLayer(layer);
    }
}
