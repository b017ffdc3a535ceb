package io.github.dl4jnorm.keras.internal.file;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasConvolution1D;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Compares weights with the parameters that they go into. DL4J copies without comparing, and ND4J's {@code assign} then
 * overwrites other memory, or fills a part.
 */
public final class WeightShapes {
    private WeightShapes() {}

    /**
     * Compares all weights of a model with a network's parameters.
     *
     * @param network the network's layers, initialized
     * @param model the model's layers by name, with their weights
     * @throws InvalidKerasConfigurationException if a shape differs by more than sizes of 1
     */
    public static void check(Layer[] network, Map<String, KerasLayer> model) throws InvalidKerasConfigurationException {
        for (Layer layer : network) {
            KerasLayer keras = model.get(layer.conf().getLayer().getLayerName());
            if (keras != null && keras.getWeights() != null) {
                for (Map.Entry<String, INDArray> weight : keras.getWeights().entrySet()) {
                    check(
                            keras,
                            weight.getKey(),
                            weight.getValue(),
                            layer.paramTable().get(weight.getKey()));
                }
            }
        }
    }

    private static void check(KerasLayer layer, String name, INDArray weight, INDArray parameter)
            throws InvalidKerasConfigurationException {
        if (parameter != null && !Arrays.equals(withoutOnes(weight), withoutOnes(expected(layer, parameter)))) {
            throw new InvalidKerasConfigurationException(
                    "Keras " + layer.getClassName() + " \"" + layer.getLayerName() + "\": expected shape "
                            + Arrays.toString(parameter.shape()) + " of parameter " + name + ", got "
                            + Arrays.toString(weight.shape())
                            + "; DL4J makes another layer of it than Keras, so it cannot be imported");
        }
    }

    /** DL4J's 1D convolutions over [N, T, C] hold [k, in, out, 1] in a parameter of shape [out, in, k, 1]. */
    private static INDArray expected(KerasLayer layer, INDArray parameter) {
        boolean lastChannels = layer.getDimOrder() == KerasLayer.DimOrder.TENSORFLOW;
        return layer instanceof KerasConvolution1D && lastChannels && parameter.rank() == 4
                ? parameter.permute(2, 1, 0, 3)
                : parameter;
    }

    private static long[] withoutOnes(INDArray array) {
        return Arrays.stream(array.shape()).filter(size -> size != 1).toArray();
    }
}
