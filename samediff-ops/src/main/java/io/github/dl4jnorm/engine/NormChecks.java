package io.github.dl4jnorm.engine;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.CountZero;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Checks of arguments, shared by the eager functions, the SameDiff ops and the layers. Each throws before anything is
 * computed, and says who asked, what came and what was expected.
 */
public final class NormChecks {
    private NormChecks() {}

    /**
     * x must be of a floating point type that can be normalized.
     *
     * @param who what asks
     * @param x input
     * @return x
     * @throws IllegalArgumentException if x is null or not FLOAT, DOUBLE, HALF or BFLOAT16
     */
    public static INDArray floating(String who, INDArray x) {
        if (x == null) {
            throw new IllegalArgumentException(who + ": expected an array, got null");
        }
        if (!isFloating(x.dataType())) {
            throw new IllegalArgumentException(
                    who + ": expected type FLOAT, DOUBLE, HALF or BFLOAT16, got " + x.dataType());
        }
        return x;
    }

    /**
     * Whether arrays of a type can be normalized.
     *
     * @param type a type
     * @return true for FLOAT, DOUBLE, HALF and BFLOAT16
     */
    public static boolean isFloating(DataType type) {
        return type == DataType.FLOAT
                || type == DataType.DOUBLE
                || type == DataType.FLOAT16
                || type == DataType.BFLOAT16;
    }

    /**
     * dy must be of the type and shape of x.
     *
     * @param who what asks
     * @param x the forward's input
     * @param dy gradient of the output
     * @throws IllegalArgumentException if it is not
     */
    public static void gradientLike(String who, INDArray x, INDArray dy) {
        if (dy == null) {
            throw new IllegalArgumentException(who + ": expected a gradient dy, got null");
        }
        if (!Arrays.equals(x.shape(), dy.shape())) {
            throw new IllegalArgumentException(who + ": expected dy of the shape of x, " + Arrays.toString(x.shape())
                    + ", got " + Arrays.toString(dy.shape()));
        }
        sameType(who, "dy", x.dataType(), dy);
    }

    /**
     * A parameter must have one value per index of the affine axes, and the type of x.
     *
     * @param who what asks
     * @param name name of the parameter
     * @param axes the axes
     * @param type type of x
     * @param parameter the parameter, or null for none
     * @throws IllegalArgumentException if it has another length or type
     */
    public static void parameter(String who, String name, NormAxes axes, DataType type, INDArray parameter) {
        if (parameter == null) {
            return;
        }
        shaped(who, name, axes.affineShape(), parameter);
        sameType(who, name, type, parameter);
    }

    /**
     * A statistic must be there, with one value per group, in the type of x or the type of its statistics.
     *
     * @param who what asks
     * @param name name of the statistic
     * @param axes the axes
     * @param type type of x
     * @param statistic the statistic
     * @throws IllegalArgumentException if it is missing or has another length or type
     */
    public static void statistic(String who, String name, NormAxes axes, DataType type, INDArray statistic) {
        if (statistic == null) {
            throw new IllegalArgumentException(who + ": " + name + " is missing");
        }
        shaped(who, name, axes.statsShape(), statistic);
        if (statistic.dataType() != Stats.typeFor(type)) {
            sameType(who, name, type, statistic);
        }
    }

    private static void shaped(String who, String name, long[] expected, INDArray array) {
        boolean vector = expected.length == 1 && array.length() == expected[0] && array.isVectorOrScalar();
        if (!vector && !Arrays.equals(expected, array.shape())) {
            throw new IllegalArgumentException(who + ": expected " + name + " of shape " + Arrays.toString(expected)
                    + ", got " + Arrays.toString(array.shape()));
        }
    }

    private static void sameType(String who, String name, DataType expected, INDArray array) {
        if (array.dataType() != expected) {
            throw new IllegalArgumentException(who + ": mixed data types: x is " + expected + ", " + name + " is "
                    + array.dataType() + "; cast one of them");
        }
    }

    /**
     * ε under a square root must be positive.
     *
     * @param who what asks
     * @param eps ε
     * @throws IllegalArgumentException if eps is not a positive finite number
     */
    public static void positiveEps(String who, double eps) {
        if (!(eps > 0) || Double.isInfinite(eps)) {
            throw new IllegalArgumentException(who + ": expected eps > 0, got " + eps);
        }
    }

    /**
     * ε added to a sum must not be negative.
     *
     * @param who what asks
     * @param eps ε
     * @throws IllegalArgumentException if eps is negative or not finite
     */
    public static void nonNegativeEps(String who, double eps) {
        if (!(eps >= 0) || Double.isInfinite(eps)) {
            throw new IllegalArgumentException(who + ": expected eps >= 0, got " + eps);
        }
    }

    /**
     * The weight of the old value in a running average must lie in [0, 1].
     *
     * @param who what asks
     * @param decay weight of the old value
     * @throws IllegalArgumentException if it does not
     */
    public static void decay(String who, double decay) {
        if (!(decay >= 0 && decay <= 1)) {
            throw new IllegalArgumentException(who + ": expected decay in [0, 1], got " + decay);
        }
    }

    /**
     * No denominator of a sum-normalization may be exactly zero.
     *
     * @param who what asks
     * @param axes the groups
     * @param sum the denominators
     * @throws ArithmeticException if one is zero, naming the index of its group
     */
    public static void nonZeroSum(String who, NormAxes axes, INDArray sum) {
        if (Nd4j.getExecutioner().exec(new CountZero(sum)).getLong(0) == 0) {
            return;
        }
        // An array of sizes: a single long would be taken together with the 'c' as two sizes.
        INDArray flat = sum.reshape('c', new long[] {sum.length()});
        for (long i = 0; i < flat.length(); i++) {
            if (flat.getDouble(i) == 0) {
                throw new ArithmeticException(who + ": the sum over axes " + Arrays.toString(axes.reduced())
                        + " is zero at index " + Arrays.toString(index(i, axes.statsShape())) + " of axes "
                        + Arrays.toString(axes.kept())
                        + "; x/Σx is undefined there (a positive eps avoids it for x ≥ 0)");
            }
        }
    }

    private static long[] index(long flat, long[] shape) {
        long[] index = new long[shape.length];
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = flat % shape[axis];
            flat /= shape[axis];
        }
        return index;
    }
}
