package io.github.dl4jnorm.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The one place of tolerances, each a stated function of the data type and of the length of the sums that enter.
 *
 * <p>With u the unit roundoff of the type that is computed in (float for half types), a sum of n terms in any order errs
 * by at most (n−1)·u·Σ|terms| (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2). Every formula here
 * has at most {@value #SUMS} such sums one after another and fewer than {@value #ROUNDINGS} other operations. Storing
 * the result in a half type rounds it once more, and once again where it enters another stored result.
 */
public final class Tolerances {
    /** Sums that enter a result one after another: mean, variance, and the backward pass's Σ(g·x̂). */
    private static final int SUMS = 3;

    /** Operations outside sums that enter a result one after another. */
    private static final int ROUNDINGS = 16;

    private Tolerances() {}

    /**
     * The largest relative error of rounding a normal number to a type: half the distance of 1 to the next number.
     *
     * @param type FLOAT, DOUBLE, FLOAT16 or BFLOAT16
     * @return u
     */
    public static double unitRoundoff(DataType type) {
        return Math.scalb(1.0, -significandBits(type));
    }

    /**
     * How far a correctly computed result may be from the exact one.
     *
     * @param type type in which the result is stored
     * @param length number of elements in the longest sum
     * @param value the exact result
     * @param magnitude the sum of the absolute values of its terms
     * @return the bound of the absolute error
     */
    public static double bound(DataType type, long length, double value, double magnitude) {
        double computing = unitRoundoff(computedIn(type)) * (ROUNDINGS + SUMS * (double) length) * magnitude;
        double storing = 2 * (unitRoundoff(type) * Math.abs(value) + smallest(type) / 2);
        return computing + storing;
    }

    /**
     * How far a central difference in double may be from the derivative of Σ terms, each of which changes by the order
     * of its own size when its argument changes by {@code scale}: h²/6 times the third derivative is cut off, and
     * rounding, length·u·Σ|terms|, is divided by h.
     *
     * @param length number of elements that enter the sum
     * @param magnitude Σ|terms|
     * @param scale change of the argument that matters: for a normalization the smallest standard deviation √(σ²+ε)
     * @return the bound of the absolute error
     */
    public static double ofDifferences(long length, double magnitude, double scale) {
        double h = Differences.STEP;
        double cut = h * h / (scale * scale * scale);
        double rounding = unitRoundoff(DataType.DOUBLE) * (ROUNDINGS + SUMS * (double) length) / h;
        return magnitude * (cut + rounding);
    }

    /**
     * Asserts that every element of an array is as an oracle expects, within {@link #bound}.
     *
     * @param what name of the array, for the message
     * @param expected the oracle's values, in 'c' order
     * @param actual the array; NaN is equal to NaN only
     */
    public static void assertClose(String what, Expected expected, INDArray actual) {
        assertClose(what, expected, Doubles.of(actual), actual.dataType());
    }

    /**
     * Asserts that values are as an oracle expects, within {@link #bound}.
     *
     * @param what name of the values, for the message
     * @param expected the oracle's values
     * @param actual actual values in the same order; NaN is equal to NaN only, and infinity stands for what is beyond the
     *     type
     * @param type type that the actual values were stored in
     */
    public static void assertClose(String what, Expected expected, double[] actual, DataType type) {
        assertEquals(expected.values().length, actual.length, () -> what + ": number of elements");
        for (int i = 0; i < actual.length; i++) {
            double value = expected.values()[i];
            double bound = bound(type, expected.length(), value, expected.magnitudes()[i]);
            boolean beyond = Math.abs(value) + bound >= largest(type);
            boolean overflowed = beyond && actual[i] == Math.copySign(Double.POSITIVE_INFINITY, value);
            if (!overflowed) {
                assertWithin(what, i, value, actual[i], bound);
            }
        }
    }

    /** The largest finite number of a type: what is beyond it is infinite when rounded. */
    private static double largest(DataType type) {
        return switch (type) {
            case DOUBLE -> Double.MAX_VALUE;
            case FLOAT -> Float.MAX_VALUE;
            default -> halfType(type) == DataType.FLOAT16 ? 65_504 : 0x1.FEp127;
        };
    }

    /**
     * Asserts that values agree within one bound.
     *
     * @param what name of the values, for the message
     * @param expected expected values
     * @param actual actual values
     * @param bound largest absolute error
     */
    public static void assertClose(String what, double[] expected, double[] actual, double bound) {
        assertEquals(expected.length, actual.length, () -> what + ": number of elements");
        for (int i = 0; i < expected.length; i++) {
            assertWithin(what, i, expected[i], actual[i], bound);
        }
    }

    private static void assertWithin(String what, int i, double expected, double actual, double bound) {
        boolean same = Double.compare(expected, actual) == 0;
        // Written so that NaN, which compares with nothing, fails.
        if (!same && !(Math.abs(expected - actual) <= bound)) {
            fail(what + "[" + i + "]: expected " + expected + ", got " + actual + ", off by "
                    + Math.abs(expected - actual) + " where " + bound + " is allowed");
        }
    }

    private static DataType computedIn(DataType type) {
        return type == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
    }

    private static int significandBits(DataType type) {
        if (type == DataType.DOUBLE) {
            return 53;
        }
        if (type == DataType.FLOAT) {
            return 24;
        }
        return halfType(type) == DataType.FLOAT16 ? 11 : 8;
    }

    /** The smallest positive number of a type. */
    private static double smallest(DataType type) {
        if (type == DataType.DOUBLE) {
            return Double.MIN_VALUE;
        }
        if (type == DataType.FLOAT) {
            return Float.MIN_VALUE;
        }
        return halfType(type) == DataType.FLOAT16 ? 0x1p-24 : 0x1p-133;
    }

    private static DataType halfType(DataType type) {
        if (type != DataType.FLOAT16 && type != DataType.BFLOAT16) {
            throw new IllegalArgumentException("not a floating point type: " + type);
        }
        return type;
    }
}
