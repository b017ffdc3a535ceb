package io.github.dl4jnorm.internal.engine;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reshapes arrays of others. ND4J's own reshape of a view whose elements share memory (stride 0), as of a broadcast
 * gradient, is a view for which it moves that memory to a larger place, and leaves the array that was given without any.
 */
public final class Reshape {
    private Reshape() {}

    /**
     * An array in another shape, in 'c' order: a view where ND4J can make one, else a copy.
     *
     * @param array any order and strides; as it was afterwards
     * @param shape the shape, of as many elements
     * @return the array in that shape
     */
    public static INDArray of(INDArray array, long... shape) {
        boolean shared =
                IntStream.range(0, array.rank()).anyMatch(axis -> array.size(axis) > 1 && array.stride(axis) == 0);
        return (shared ? array.dup('c') : array).reshape('c', shape);
    }
}
