package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Doubles in and out of arrays, always in 'c' order, and what an index means in a shape. */
final class Elements {
    private Elements() {}

    static double[] of(INDArray array) {
        return array.dup('c').data().asDouble();
    }

    static INDArray array(double[] values, long... shape) {
        return shape.length == 0 ? Nd4j.scalar(values[0]) : Nd4j.create(values, shape, 'c');
    }

    /** An array of zeros with a one at a position. */
    static INDArray unit(int position, long... shape) {
        double[] values = new double[length(shape)];
        values[position] = 1;
        return array(values, shape);
    }

    static int length(long... shape) {
        long length = 1;
        for (long size : shape) {
            length = Math.multiplyExact(length, size);
        }
        return Math.toIntExact(length);
    }

    /** The largest absolute value; NaN if there is a NaN. */
    static double largest(double... values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** The index of an element, given its place in 'c' order. */
    static int[] index(int position, long... shape) {
        int[] index = new int[shape.length];
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = (int) (position % shape[axis]);
            position /= (int) shape[axis];
        }
        return index;
    }

    static String at(int position, long... shape) {
        return Arrays.toString(index(position, shape));
    }

    static INDArray[] copies(INDArray... arrays) {
        return Arrays.stream(arrays).map(a -> a == null ? null : a.dup()).toArray(INDArray[]::new);
    }

    static INDArray[] zerosLike(INDArray... arrays) {
        return Arrays.stream(arrays)
                .map(y -> array(new double[Math.toIntExact(y.length())], y.shape()))
                .toArray(INDArray[]::new);
    }

    /** Whether two arrays hold the same bits; ND4J's own equals allows for rounding. */
    static boolean same(@Nullable INDArray a, @Nullable INDArray b) {
        return a == b || a != null && b != null && Arrays.equals(a.shape(), b.shape()) && Arrays.equals(of(a), of(b));
    }

    /** Differences of results that carry few digits say nothing: all arrays must be DOUBLE. */
    static void checkDouble(String who, String name, @Nullable INDArray array) {
        if (array == null) {
            throw new IllegalArgumentException(who + ": expected an array for " + name + ", got null");
        }
        if (array.dataType() != DataType.DOUBLE) {
            throw new IllegalArgumentException(who + ": expected " + name + " in DOUBLE, got " + array.dataType()
                    + "; finite differences need double precision: use castTo(DataType.DOUBLE)");
        }
        if (array.isEmpty()) {
            throw new IllegalArgumentException(
                    who + ": expected elements in " + name + ", got shape " + Arrays.toString(array.shape()));
        }
    }
}
