package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.AffineParameters;
import io.github.dl4jnorm.engine.ComputeTypes;
import io.github.dl4jnorm.engine.NormGradients;
import io.github.dl4jnorm.spec.Groups;
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
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the implementations have in common: checks of what arrives, and arrays where DL4J wants them. Arrays are used as
 * they come, whatever their order and strides; only another data type costs a copy.
 */
abstract class NormLayerImpl<C extends NormLayer> extends BaseLayer<C> {

    NormLayerImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /** This layer, for messages. */
    final String who() {
        return layerConf().who() + " (layer index " + getIndex() + ")";
    }

    /** The axis of the channels in an array of the shape of the input. */
    final int channelAxis(long[] shape) {
        return Formats.channelAxis(who(), layerConf().effectiveFormat(), shape);
    }

    /**
     * The input in the data type of this layer.
     *
     * @throws DL4JInvalidInputException if its rank, type or number of channels is not as configured
     */
    final INDArray checkedInput(boolean backprop) {
        assertInputSet(backprop);
        if (!ComputeTypes.isSupported(input.dataType())) {
            throw new DL4JInvalidInputException(
                    who() + ": expected activations of a floating point type, got " + input.dataType());
        }
        checkChannels(input.shape(), layerConf().getNIn());
        return input.castTo(dataType);
    }

    private void checkChannels(long[] shape, long channels) {
        int axis = channelAxis(shape);
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
        return Arrays.equals(cast.shape(), x.shape()) ? cast : cast.reshape('c', x.shape());
    }

    /** An array like x, in the workspace that DL4J wants for such arrays. */
    static INDArray like(INDArray x, ArrayType arrayType, LayerWorkspaceMgr workspaceMgr) {
        return workspaceMgr.createUninitialized(arrayType, x.dataType(), x.shape(), x.ordering());
    }

    /** Called once when the layer is made, for a warning if its type has too few digits for it. */
    void warnOfPrecision() {
        // Most layers keep nothing that would need them.
    }

    /** γ and β; a constant that changes nothing is null. */
    final AffineParameters affine(Groups groups) {
        NormLayer conf = layerConf();
        double neutral = conf.spec(1).unitOffset() ? 0 : 1;
        return new AffineParameters(
                parameterOr(groups, NormLayer.GAMMA, conf.constantGamma(), neutral),
                parameterOr(groups, NormLayer.BETA, conf.constantBeta(), 0));
    }

    private INDArray parameterOr(Groups groups, String name, double constant, double neutral) {
        INDArray parameter = getParam(name);
        if (parameter != null || constant == neutral) {
            return parameter;
        }
        return Nd4j.valueArrayOf(groups.parameterShape(), constant, dataType);
    }

    /** Where the gradients go: those of parameters into DL4J's views. */
    final NormGradients gradientsInto(INDArray dx) {
        return new NormGradients(dx, gradientView(NormLayer.GAMMA), gradientView(NormLayer.BETA));
    }

    /** The view for the gradient of a parameter, or null if there is no such parameter. */
    private INDArray gradientView(String name) {
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
