package io.github.dl4jnorm.testing;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Plain doubles in and out of INDArrays, always in 'c' order of the logical indices. */
public final class Doubles {
    private Doubles() {}

    /**
     * The elements of an array, read one by one, so that no array operation stands between a test and the memory.
     *
     * @param array any type, order and strides
     * @return a new array of its values, the last index running fastest
     */
    public static double[] of(INDArray array) {
        double[] values = new double[Math.toIntExact(array.length())];
        long[] shape = array.shape();
        long[] index = new long[shape.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = shape.length == 0 ? array.getDouble(0) : array.getDouble(index);
            increment(index, shape);
        }
        return values;
    }

    /**
     * The elements of an array that may be missing.
     *
     * @param array an array or null
     * @return its values, or null
     */
    public static double[] orNull(INDArray array) {
        return array == null ? null : of(array);
    }

    /**
     * A dense array in 'c' order.
     *
     * @param type its type; values are rounded to it
     * @param shape its shape
     * @param values its elements, the last index running fastest
     * @return a new array
     */
    public static INDArray toArray(DataType type, long[] shape, double... values) {
        if (values.length != length(shape)) {
            throw new IllegalArgumentException("expected " + length(shape) + " values, got " + values.length);
        }
        INDArray array = Nd4j.create(values, shape, 'c');
        return type == DataType.DOUBLE ? array : array.castTo(type);
    }

    /**
     * The same value for every element.
     *
     * @param value the value
     * @param shape shape of an array
     * @return a new array of as many values
     */
    public static double[] filled(double value, long... shape) {
        double[] values = new double[length(shape)];
        Arrays.fill(values, value);
        return values;
    }

    /**
     * The number of elements of an array of a shape.
     *
     * @param shape a shape
     * @return the product of its sizes
     */
    public static int length(long... shape) {
        long length = 1;
        for (long size : shape) {
            length = Math.multiplyExact(length, size);
        }
        return Math.toIntExact(length);
    }

    /** The next index in 'c' order; after the last one, the first. */
    static void increment(long[] index, long[] shape) {
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            if (++index[axis] < shape[axis]) {
                return;
            }
            index[axis] = 0;
        }
    }
}
