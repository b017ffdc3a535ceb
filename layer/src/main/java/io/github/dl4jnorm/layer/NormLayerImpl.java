package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.engine.Gradients;
import io.github.dl4jnorm.internal.engine.Reshape;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the implementations have in common: checks of what arrives, and arrays where DL4J wants them. Arrays are used as
 * they come, whatever their order and strides; only another data type costs a copy.
 */
abstract class NormLayerImpl<C extends NormLayer> extends BaseLayer<C> {
    /** For the last shape: DL4J calls a layer with the same one over and over. */
    private transient @Nullable OnShape last;

    NormLayerImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /** This layer, for messages. */
    final String who() {
        return layerConf().who() + " (layer index " + getIndex() + ")";
    }

    /**
     * What the configuration, which no longer changes, amounts to for activations of one shape.
     *
     * @param channelAxis the axis of the channels
     * @param spec the normalization
     * @param groups its groups
     * @param constants what takes the place of γ and β where they are no parameters; null where it changes nothing
     */
    record OnShape(int channelAxis, NormSpec spec, Groups groups, AffineParameters constants) {}

    /**
     * What the configuration amounts to for the input.
     *
     * @throws DL4JInvalidInputException if its rank, or a size that parameters depend on, is not as configured
     */
    final OnShape onShape(INDArray x) {
        OnShape found = last;
        if (found == null || !found.groups.isOf(x.shape())) {
            found = resolve(x.shape());
            last = found;
        }
        return found;
    }

    private OnShape resolve(long... shape) {
        NormLayer conf = layerConf();
        int channelAxis = Formats.channelAxis(who(), conf.effectiveFormat(), shape);
        checkChannels(channelAxis, shape);
        NormSpec spec = conf.spec(channelAxis);
        Groups groups = conf.groupsOf(who(), shape);
        checkParameters(groups, shape);
        double neutralGamma = spec.unitOffset() ? 0 : 1;
        return new OnShape(
                channelAxis,
                spec,
                groups,
                new AffineParameters(
                        constant(NormLayer.GAMMA, conf.constantGamma(), neutralGamma, groups),
                        constant(NormLayer.BETA, conf.constantBeta(), 0, groups)));
    }

    private @Nullable INDArray constant(String name, double value, double neutral, Groups groups) {
        if (getParam(name) != null || value == neutral) {
            return null;
        }
        try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return Nd4j.valueArrayOf(groups.parameterShape(), value, dataType);
        }
    }

    /**
     * The input in the data type of this layer.
     *
     * @throws DL4JInvalidInputException if there is none, or its type is no floating point type
     */
    final INDArray checkedInput(boolean backprop) {
        assertInputSet(backprop);
        if (!ComputeTypes.isSupported(input.dataType())) {
            throw new DL4JInvalidInputException(
                    who() + ": expected activations of a floating point type, got " + input.dataType());
        }
        return input.castTo(dataType);
    }

    private void checkChannels(int axis, long... shape) {
        long channels = layerConf().getNIn();
        if (channels <= 0 || shape[axis] == channels) {
            return;
        }
        DataFormat format = layerConf().effectiveFormat();
        String formatted = format == null ? "" : " (data format " + format + ")";
        int otherAxis = axis == 1 ? shape.length - 1 : 1;
        String hint = shape[otherAxis] == channels
                ? "; axis " + otherAxis + " has that size: set dataFormat(...) if the channels are there"
                : "";
        throw new DL4JInvalidInputException(who() + ": expected " + channels + " channels on axis " + axis + formatted
                + ", got shape " + Arrays.toString(shape) + hint);
    }

    /** Refuses activations that have another size on an axis along which parameters vary. */
    private void checkParameters(Groups groups, long... shape) {
        long[] sizes = groups.parameterShape();
        for (Parameter parameter : layerConf().parameters()) {
            long[] expected = sizes.length == 1 ? new long[] {parameter.length()} : parameter.sizes();
            if (!Arrays.equals(expected, sizes)) {
                throw new DL4JInvalidInputException(who() + ": expected sizes " + Arrays.toString(expected)
                        + " on axes " + Arrays.toString(groups.affine()) + ", those of " + parameter.name()
                        + ", got shape " + Arrays.toString(shape));
            }
        }
    }

    /** What is hidden of activations of the shape of the input. */
    final Mask mask(OnShape on) {
        return maskArray == null ? Mask.NONE : Mask.of(who(), maskArray, on.groups.shape(), on.channelAxis);
    }

    /**
     * The gradient of the output, in the type and shape of x. DL4J hands over some that have only the same length.
     *
     * @throws DL4JInvalidInputException if its length is another
     */
    final INDArray checkedEpsilon(INDArray epsilon, INDArray x) {
        if (epsilon.length() != x.length()) {
            throw new DL4JInvalidInputException(who() + ": expected a gradient of the shape of the activations, "
                    + Arrays.toString(x.shape()) + ", got " + Arrays.toString(epsilon.shape()));
        }
        INDArray cast = epsilon.castTo(x.dataType());
        return Arrays.equals(cast.shape(), x.shape()) ? cast : Reshape.of(cast, x.shape());
    }

    /** An array like x, in the workspace that DL4J wants for such arrays. */
    static INDArray like(INDArray x, ArrayType arrayType, LayerWorkspaceMgr workspaceMgr) {
        return workspaceMgr.createUninitialized(arrayType, x.dataType(), x.shape(), x.ordering());
    }

    /** Called once when the layer is made, for a warning if its type has too few digits for it. */
    void warnOfPrecision() {
        // Most layers keep nothing that would need them.
    }

    /** γ and β. */
    final AffineParameters affine(OnShape on) {
        INDArray gamma = getParam(NormLayer.GAMMA);
        INDArray beta = getParam(NormLayer.BETA);
        return new AffineParameters(
                gamma == null ? on.constants.gamma() : gamma, beta == null ? on.constants.beta() : beta);
    }

    /** Where the gradients go: those of parameters into DL4J's views. */
    final Gradients gradientsInto(INDArray dx) {
        return new Gradients(dx, gradientView(NormLayer.GAMMA), gradientView(NormLayer.BETA));
    }

    /** The view for the gradient of a parameter, or null if there is no such parameter. */
    private @Nullable INDArray gradientView(String name) {
        return gradientViews == null ? null : gradientViews.get(name);
    }

    /** The gradients of all parameters. */
    final Gradient gradients() {
        Gradient gradients = new DefaultGradient(gradientsFlattened);
        if (gradientViews != null) {
            for (Map.Entry<String, INDArray> view : gradientViews.entrySet()) {
                gradients.setGradientFor(view.getKey(), view.getValue());
            }
        }
        return gradients;
    }

    // The inherited method reads each parameter in 'f' order; ours lie in 'c' order.
    @Override
    public void setParams(INDArray params) {
        if (params != paramsFlattened) {
            setParams(params, 'c');
        }
    }

    @Override
    public Type type() {
        return Type.NORMALIZATION;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public boolean hasBias() {
        return false;
    }

    @Override
    public Layer clone() {
        throw new UnsupportedOperationException(who() + ": clone the network, not a layer of it");
    }
}
