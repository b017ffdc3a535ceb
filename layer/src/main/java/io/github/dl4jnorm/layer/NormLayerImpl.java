package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.NormChecks;
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
        if (!NormChecks.isFloating(input.dataType())) {
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

    /** The view for the gradient of a parameter, or null if there is no such parameter. */
    final INDArray gradientView(String name) {
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
