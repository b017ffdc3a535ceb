package io.github.dl4jnorm.rewrite;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The layers of the form y = W∘x + b that a map per output channel can be merged into. */
final class FoldTarget {
    private static final String WEIGHT = "W";
    private static final String BIAS = "b";

    /** Axes of the output channels in the weights of each kind of layer; exact classes, for others may compute more. */
    private static final Map<Class<?>, List<Integer>> CHANNEL_AXES = Map.ofEntries(
            Map.entry(DenseLayer.class, List.of(1)),
            Map.entry(ConvolutionLayer.class, List.of(0)),
            Map.entry(Convolution2D.class, List.of(0)),
            Map.entry(Convolution1D.class, List.of(2)),
            Map.entry(Convolution1DLayer.class, List.of(2)),
            Map.entry(Convolution3D.class, List.of(0)),
            Map.entry(Deconvolution2D.class, List.of(1)),
            Map.entry(Deconvolution3D.class, List.of(3)),
            // Input channel and multiplier: together the output channel.
            Map.entry(DepthwiseConvolution2D.class, List.of(2, 3)),
            Map.entry(SeparableConvolution2D.class, List.of(0)));

    private FoldTarget() {}

    /** Why a batch normalization cannot be merged into a layer, or null. */
    static @Nullable String obstacle(Layer layer, Map<String, INDArray> parameters, InferenceNorm norm) {
        if (!CHANNEL_AXES.containsKey(layer.getClass())) {
            return "below is a " + layer.getClass().getSimpleName();
        }
        FeedForwardLayer affine = (FeedForwardLayer) layer;
        if (!(affine.getActivationFn() instanceof ActivationIdentity)) {
            return "the activation " + affine.getActivationFn() + " is between";
        }
        if (affine instanceof DenseLayer dense && dense.isHasLayerNorm()) {
            return "the layer normalization of the dense layer is between";
        }
        if (isChannelsLast(format(affine)) != isChannelsLast(norm.format()) && format(affine) != null) {
            return "it normalizes along another axis than that of the channels of the layer below";
        }
        boolean image = affine instanceof DenseLayer || format(affine) instanceof CNN2DFormat;
        if (!norm.ours() && !image) {
            return "DL4J's layer works on vectors and images only";
        }
        if (hasNoise(layer) && mayActInInference(affine.getWeightNoise())) {
            return "the weight noise of the layer below may change its output in inference";
        }
        return overflows(parameters, merged(layer, parameters, norm))
                ? "the weights it would make of those of the layer below are too large for "
                        + parameters.get(weightKey(layer)).dataType()
                : null;
    }

    /** Whether a layer has noise on its weights. */
    static boolean hasNoise(Layer layer) {
        return ((FeedForwardLayer) layer).getWeightNoise() != null;
    }

    /** DL4J puts noise on weights in training, on biases always; what a class of a user's does, nobody knows. */
    private static boolean mayActInInference(IWeightNoise noise) {
        if (noise.getClass() == WeightNoise.class) {
            return ((WeightNoise) noise).isApplyToBias();
        }
        return noise.getClass() != DropConnect.class || ((DropConnect) noise).isApplyToBiases();
    }

    private static boolean overflows(Map<String, INDArray> before, Map<String, INDArray> after) {
        return after.values().stream().anyMatch(array -> array.isInfinite().any())
                && before.values().stream()
                        .noneMatch(array -> array.isInfinite().any());
    }

    private static String weightKey(Layer layer) {
        return layer instanceof SeparableConvolution2D
                ? SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY
                : WEIGHT;
    }

    /** Where a layer puts its channels; null if it knows no positions. */
    private static @Nullable DataFormat format(FeedForwardLayer layer) {
        if (layer instanceof DenseLayer) {
            return null;
        }
        if (layer instanceof Convolution1DLayer convolution) {
            return convolution.getRnnDataFormat();
        }
        if (layer instanceof Convolution3D convolution) {
            return convolution.getDataFormat();
        }
        if (layer instanceof Deconvolution3D deconvolution) {
            return deconvolution.getDataFormat();
        }
        return ((ConvolutionLayer) layer).getCnn2dDataFormat();
    }

    private static boolean isChannelsLast(@Nullable DataFormat format) {
        return format != null && format.toString().endsWith("C");
    }

    private static boolean hasBias(Layer layer) {
        return layer instanceof DenseLayer dense ? dense.isHasBias() : ((ConvolutionLayer) layer).isHasBias();
    }

    /**
     * The shape in which weights are used: DL4J calls those of a 1D convolution [C, in, k, 1] and takes them for [k,
     * in, C].
     */
    private static long[] shape(Layer layer, INDArray w) {
        return layer instanceof Convolution1DLayer ? new long[] {w.size(2), w.size(1), w.size(0)} : w.shape();
    }

    /**
     * The parameters of a layer that takes in a batch normalization: W ← scale·W, b ← scale·b + shift.
     *
     * @param layer its configuration, as it was
     * @param parameters its parameters; not modified
     * @param norm the batch normalization
     * @return the new parameters, in their old types
     */
    static Map<String, INDArray> merged(Layer layer, Map<String, INDArray> parameters, InferenceNorm norm) {
        String weight = weightKey(layer);
        INDArray w = parameters.get(weight);
        long[] shape = shape(layer, w);
        long[] channels = new long[shape.length];
        for (int axis = 0; axis < channels.length; axis++) {
            channels[axis] = CHANNEL_AXES.get(layer.getClass()).contains(axis) ? shape[axis] : 1;
        }
        INDArray scaled =
                w.castTo(DataType.DOUBLE).reshape('c', shape).mul(norm.scale().reshape('c', channels));
        INDArray bias = norm.shift();
        if (hasBias(layer)) {
            INDArray b = parameters.get(BIAS);
            bias = b.castTo(DataType.DOUBLE)
                    .reshape(b.length())
                    .mul(norm.scale())
                    .add(bias);
        }
        Map<String, INDArray> merged = new HashMap<>(parameters);
        merged.put(weight, scaled.castTo(w.dataType()));
        merged.put(BIAS, bias.castTo(w.dataType()));
        return merged;
    }

    /** Gives a layer that takes in a batch normalization a bias, its rectifier, if there is one, and no noise. */
    static void adapt(Layer layer, InferenceNorm norm) {
        if (layer instanceof DenseLayer dense) {
            dense.setHasBias(true);
        } else {
            ((ConvolutionLayer) layer).setHasBias(true);
        }
        FeedForwardLayer affine = (FeedForwardLayer) layer;
        if (norm.relu()) {
            affine.setActivationFn(new ActivationReLU());
        }
        affine.setWeightNoise(null);
    }
}
