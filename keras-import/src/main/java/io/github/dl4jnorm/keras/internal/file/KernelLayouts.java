package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasConvolution2D;
import org.deeplearning4j.nn.modelimport.keras.layers.convolutional.KerasConvolution3D;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Kernels as DL4J's importer expects them, which takes all kernels of layers with channels first for Theano's. */
final class KernelLayouts {
    private KernelLayouts() {}

    /**
     * Changes the layout of a kernel.
     *
     * @param layer the layer that it is for
     * @param weights the layer's weights; changed
     * @param graph the model
     */
    static void adapt(KerasLayer layer, Map<String, INDArray> weights, ModelGraph graph) {
        boolean theano = graph.version() == 1 || graph.version() == 2 && "theano".equals(graph.backend());
        boolean channelsFirst = layer.getDimOrder() == KerasLayer.DimOrder.THEANO;
        boolean plain = layer instanceof KerasConvolution2D || layer instanceof KerasConvolution3D;
        if (!theano && channelsFirst && plain) {
            weights.computeIfPresent("kernel", (name, kernel) -> asTheano(kernel));
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
