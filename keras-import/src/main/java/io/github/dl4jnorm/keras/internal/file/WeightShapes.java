package io.github.dl4jnorm.keras.internal.file;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasConvolution1D;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares weights with the parameters that they go into. DL4J copies without comparing, and ND4J's {@code assign} then
 * overwrites other memory, or fills a part.
 */
public final class WeightShapes {
    private static final String ANOTHER =
            "; DL4J makes another layer of it than Keras, or the weights are of another model";

    /** So many numbers may a layer have too many before it is refused without a look at each parameter. */
    private static final long SPARE = 1 << 22;

    private WeightShapes() {}

    /**
     * Compares all weights of a model with a network's parameters, before these take any memory.
     *
     * @param network the configurations of the network's layers
     * @param model the model's layers by name, with their weights
     * @throws InvalidKerasConfigurationException if a shape differs, or a weight is missing or has no parameter
     */
    public static void check(Iterable<NeuralNetConfiguration> network, Map<String, KerasLayer> model)
            throws InvalidKerasConfigurationException {
        for (NeuralNetConfiguration conf : network) {
            KerasLayer layer = model.get(conf.getLayer().getLayerName());
            if (layer != null && layer.getWeights() != null) {
                check(layer, layer.getWeights(), parameters(layer, conf, layer.getWeights()));
            }
        }
    }

    /** The parameters that a layer will have. */
    private static Map<String, INDArray> parameters(
            KerasLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights)
            throws InvalidKerasConfigurationException {
        ParamInitializer initializer = conf.getLayer().initializer();
        long expected = initializer.numParams(conf);
        long got = weights.values().stream().mapToLong(INDArray::length).sum();
        if (expected < 0 || expected > got + SPARE) {
            throw new InvalidKerasConfigurationException(who(layer) + ": expected " + expected
                    + " numbers for all parameters, got " + got + " in weights of shapes " + shapes(weights) + ANOTHER);
        }
        // A configuration keeps the names of its parameters.
        return expected == 0 ? Map.of() : initializer.init(conf.clone(), Nd4j.create(1, expected), false);
    }

    private static void check(KerasLayer layer, Map<String, INDArray> weights, Map<String, INDArray> parameters)
            throws InvalidKerasConfigurationException {
        if (!weights.keySet().equals(parameters.keySet())) {
            throw new InvalidKerasConfigurationException(who(layer) + ": expected weights for parameters "
                    + new TreeSet<>(parameters.keySet()) + ", got " + new TreeSet<>(weights.keySet()));
        }
        for (Map.Entry<String, INDArray> entry : parameters.entrySet()) {
            INDArray parameter = entry.getValue();
            INDArray weight = Objects.requireNonNull(weights.get(entry.getKey()));
            if (!Arrays.equals(withoutLeadingOnes(weight), withoutLeadingOnes(expected(layer, parameter)))) {
                throw new InvalidKerasConfigurationException(who(layer) + ": expected shape " + text(parameter.shape())
                        + " of parameter " + entry.getKey() + ", got " + text(weight.shape()) + ANOTHER);
            }
        }
    }

    private static String who(KerasLayer layer) {
        return "Keras " + layer.getClassName() + " \"" + layer.getLayerName() + "\"";
    }

    /** DL4J's 1D convolutions over [N, T, C] hold [k, in, out, 1] in a parameter of shape [out, in, k, 1]. */
    private static INDArray expected(KerasLayer layer, INDArray parameter) {
        boolean lastChannels = layer.getDimOrder() == KerasLayer.DimOrder.TENSORFLOW;
        return layer instanceof KerasConvolution1D && lastChannels && parameter.rank() == 4
                ? parameter.permute(2, 1, 0, 3)
                : parameter;
    }

    /** Vectors are rows of matrices in DL4J. */
    private static long[] withoutLeadingOnes(INDArray array) {
        return Arrays.stream(array.shape()).dropWhile(size -> size == 1).toArray();
    }

    private static List<String> shapes(Map<String, INDArray> weights) {
        return weights.values().stream().map(array -> text(array.shape())).toList();
    }

    private static String text(long... shape) {
        return Arrays.toString(shape);
    }
}
