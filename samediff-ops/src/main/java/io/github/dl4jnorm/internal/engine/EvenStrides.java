package io.github.dl4jnorm.internal.engine;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The strides of an array seen in another shape: of a parameter that is [1, C] where [C] is asked for, for example. */
final class EvenStrides {
    private EvenStrides() {}

    /** The strides of an array as if it had a shape, with 'c' order between the two. */
    static long[] of(INDArray array, long... shape) {
        if (Arrays.equals(array.shape(), shape)) {
            return array.stride();
        }
        long step = step(array);
        long[] strides = new long[shape.length];
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = step;
            step *= shape[axis];
        }
        return strides;
    }

    /** The one distance between neighbours in 'c' order. */
    private static long step(INDArray array) {
        long step = 0;
        long next = 0;
        for (int axis = array.rank() - 1; axis >= 0; axis--) {
            if (array.size(axis) > 1) {
                step = step == 0 ? array.stride(axis) : step;
                next = next == 0 ? step : next;
                if (array.stride(axis) != next || step == 0) {
                    throw new IllegalArgumentException("expected values that are evenly spaced in 'c' order, got shape "
                            + Arrays.toString(array.shape()) + " with strides " + Arrays.toString(array.stride()));
                }
                next *= array.size(axis);
            }
        }
        return Math.max(1, step);
    }
}
