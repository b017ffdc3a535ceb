package io.github.dl4jnorm.keras.internal.file;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasConvolution2D;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasConvolution3D;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasDepthwiseConvolution2D;
import org.deeplearning4j.nn.modelimport.keras.layers.wrappers.KerasBidirectional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Reads weights from where Keras 2 and 3 put them: {@code /model_weights/<layer>/<path>/<variable>}. Keras 3 begins the
 * path with the name of a sequential model, and does not end the variable with ":0"; DL4J's importer finds neither.
 */
public final class ModelWeights {
    private static final String ROOT = "model_weights";
    private static final String KERNEL = "kernel";

    private final Hdf5Archive archive;

    ModelWeights(Hdf5Archive archive) {
        this.archive = archive;
    }

    /**
     * Hands each layer its weights.
     *
     * @throws InvalidKerasConfigurationException if a layer has none, or refuses them
     */
    void readInto(Iterable<KerasLayer> layers)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        List<String> groups = archive.getGroups(ROOT);
        for (KerasLayer layer : layers) {
            if (layer.getNumParams() > 0) {
                Map<String, INDArray> weights = new HashMap<>();
                if (groups.contains(layer.getLayerName())) {
                    collect(ROOT + "/" + layer.getLayerName(), "", layer instanceof KerasBidirectional, weights);
                }
                if (weights.isEmpty()) {
                    throw new InvalidKerasConfigurationException(
                            "Keras " + layer.getClassName() + " \"" + layer.getLayerName() + "\": expected weights in /"
                                    + ROOT + "/" + layer.getLayerName() + ", got none");
                }
                adapt(layer, weights);
                layer.setWeights(weights);
            }
        }
    }

    private void collect(String path, String prefix, boolean bidirectional, Map<String, INDArray> weights)
            throws UnsupportedKerasConfigurationException {
        for (String name : archive.getDataSets(path)) {
            // The number of examples that the statistics of a Normalization are of: a scalar, which DL4J cannot read.
            if (!"count".equals(variable(name))) {
                weights.put(prefix + variable(name), archive.readDataSet(name, path));
            }
        }
        for (String group : archive.getGroups(path)) {
            collect(path + "/" + group, bidirectional ? direction(group, prefix) : prefix, bidirectional, weights);
        }
    }

    /** The name of a variable, without the number that TensorFlow gives to outputs, or to the second of a name. */
    private static String variable(String name) {
        return name.replaceFirst(":\\d+$", "").replaceFirst("_\\d+$", "");
    }

    private static String direction(String group, String prefix) {
        if (group.startsWith("forward_")) {
            return "forward_";
        }
        return group.startsWith("backward_") ? "backward_" : prefix;
    }

    private static void adapt(KerasLayer layer, Map<String, INDArray> weights) {
        boolean channelsFirst = layer.getDimOrder() == KerasLayer.DimOrder.THEANO;
        boolean plain = layer instanceof KerasConvolution2D || layer instanceof KerasConvolution3D;
        if (channelsFirst && plain) {
            weights.computeIfPresent(KERNEL, (name, kernel) -> asTheano(kernel));
        }
        if (layer instanceof KerasDepthwiseConvolution2D && weights.containsKey(KERNEL)) {
            weights.put("depthwise_kernel", weights.remove(KERNEL)); // Keras 3
        }
    }

    /**
     * A kernel [sizes..., in, out] as DL4J expects it for channels first: as Theano's, [out, in, sizes...], with the first
     * two sizes in reverse, which DL4J reverses again.
     */
    private static INDArray asTheano(INDArray kernel) {
        int rank = kernel.rank();
        int[] axes = IntStream.concat(IntStream.of(rank - 1, rank - 2), IntStream.range(0, rank - 2))
                .toArray();
        INDArray theano = kernel.permute(axes);
        INDArray reversed = theano.dup('c');
        long height = theano.size(2);
        long width = theano.size(3);
        for (long i = 0; i < height; i++) {
            for (long j = 0; j < width; j++) {
                plane(reversed, i, j).assign(plane(theano, height - 1 - i, width - 1 - j));
            }
        }
        return reversed;
    }

    private static INDArray plane(INDArray kernel, long i, long j) {
        return kernel.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(i), NDArrayIndex.point(j));
    }
}
