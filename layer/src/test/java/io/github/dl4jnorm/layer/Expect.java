package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Assertions on arrays. {@code INDArray.equals} tolerates 1e-5 and {@code amax} skips NaN; these do neither. */
final class Expect {
    private Expect() {}

    /** The same values, bit for bit. */
    static void same(INDArray expected, INDArray actual) {
        close(expected, actual, 0);
    }

    static void zeros(INDArray actual) {
        same(actual.like(), actual);
    }

    /** The same number of values, in 'c' order, each within a tolerance. */
    static void close(INDArray expected, INDArray actual, double tolerance) {
        double[] values = doubles(actual);
        assertEquals(expected.length(), values.length);
        if (tolerance == 0) {
            assertArrayEquals(doubles(expected), values);
        } else {
            assertArrayEquals(doubles(expected), values, tolerance);
        }
    }

    private static double[] doubles(INDArray array) {
        return array.dup('c').reshape(array.length()).castTo(DataType.DOUBLE).toDoubleVector();
    }
}
