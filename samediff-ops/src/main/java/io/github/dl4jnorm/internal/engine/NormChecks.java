package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.CountZero;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

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
    public static INDArray floating(String who, @Nullable INDArray x) {
        if (x == null) {
            throw new IllegalArgumentException(who + ": expected an array, got null");
        }
        if (!ComputeTypes.isSupported(x.dataType())) {
            throw new IllegalArgumentException(
                    who + ": expected type FLOAT, DOUBLE, HALF or BFLOAT16, got " + x.dataType());
        }
        return x;
    }

    /**
     * dy must be of the type and shape of x.
     *
     * @param who what asks
     * @param x the forward's input
     * @param dy gradient of the output
     * @throws IllegalArgumentException if it is not
     */
    public static void gradientLike(String who, INDArray x, @Nullable INDArray dy) {
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
     * @param groups the groups
     * @param type type of x
     * @param parameter the parameter, or null for none
     * @throws IllegalArgumentException if it has another length or type
     */
    public static void parameter(String who, String name, Groups groups, DataType type, @Nullable INDArray parameter) {
        if (parameter == null) {
            return;
        }
        shaped(who, name, groups.parameterShape(), parameter);
        sameType(who, name, type, parameter);
    }

    /**
     * A statistic must be there, with one value per group, in the type of x or the type of its statistics.
     *
     * @param who what asks
     * @param name name of the statistic
     * @param groups the groups
     * @param type type of x
     * @param statistic the statistic
     * @throws IllegalArgumentException if it is missing or has another length or type
     */
    public static void statistic(String who, String name, Groups groups, DataType type, @Nullable INDArray statistic) {
        if (statistic == null) {
            throw new IllegalArgumentException(who + ": " + name + " is missing");
        }
        shaped(who, name, groups.statisticShape(), statistic);
        if (statistic.dataType() != ComputeTypes.of(type)) {
            sameType(who, name, type, statistic);
        }
    }

    /**
     * No given σ² + ε may be negative: it has no root. A variance that is itself negative, but by less than ε, comes from
     * rounding and is taken; so is NaN, which propagates.
     *
     * @param who what asks
     * @param name name of the variance
     * @param spec the normalization, for ε
     * @param groups the groups
     * @param variance the variance
     * @throws IllegalArgumentException if one is, naming it and the index of its group
     */
    public static void variance(String who, String name, NormSpec spec, Groups groups, INDArray variance) {
        // In the type of the variance, where −ε is rounded, so some may be found that are none.
        INDArray wide = ComputeTypes.wide(variance);
        MatchCondition suspects = new MatchCondition(wide, Conditions.lessThanOrEqual(-spec.eps()));
        if (Nd4j.getExecutioner().exec(suspects).getLong(0) == 0) {
            return;
        }
        INDArray flat = flat(wide);
        for (long i = 0; i < flat.length(); i++) {
            if (flat.getDouble(i) + spec.eps() < 0) {
                throw new IllegalArgumentException(who + ": expected " + name + " + eps >= 0, got " + flat.getDouble(i)
                        + " + " + spec.eps() + at(i, groups));
            }
        }
    }

    private static void shaped(String who, String name, long[] expected, INDArray array) {
        if (!fits(expected, array.shape())) {
            throw new IllegalArgumentException(who + ": expected " + name + " of shape " + Arrays.toString(expected)
                    + ", got " + Arrays.toString(array.shape()));
        }
    }

    /**
     * Whether an array of a shape is taken where another shape is expected: it is the same, or [C] is expected and it
     * is a row, a column or, for C = 1, a scalar.
     *
     * @param expected expected shape
     * @param shape shape of an array
     * @return true if so; a size of −1 on either side is not known, and fits any
     */
    public static boolean fits(long[] expected, long... shape) {
        boolean line = shape.length < 2 || shape.length == 2 && (shape[0] == 1 || shape[1] == 1);
        return expected.length == 1 && line
                ? sameSize(expected[0], product(shape))
                : expected.length == shape.length
                        && IntStream.range(0, shape.length).allMatch(axis -> sameSize(expected[axis], shape[axis]));
    }

    private static boolean sameSize(long one, long other) {
        return one == other || one < 0 || other < 0;
    }

    private static long product(long... sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    private static void sameType(String who, String name, DataType expected, INDArray array) {
        if (array.dataType() != expected) {
            throw new IllegalArgumentException(who + ": mixed data types: x is " + expected + ", " + name + " is "
                    + array.dataType() + "; cast one of them");
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
     * No denominator Σx + ε of a sum-normalization may be exactly zero. Of other normalizations nothing is asked.
     *
     * @param who what asks
     * @param spec the normalization
     * @param groups its groups
     * @param statistics what the forward pass computed
     * @throws ArithmeticException if one is zero, naming the index of its group
     */
    public static void nonZeroSum(String who, NormSpec spec, Groups groups, GroupStatistics statistics) {
        if (spec.statistic() != Statistic.SUM) {
            return;
        }
        INDArray sums = statistics.measure();
        INDArray denominators =
                spec.eps() == 0 ? sums : sums.castTo(DataType.DOUBLE).add(spec.eps());
        if (Nd4j.getExecutioner().exec(new CountZero(denominators)).getLong(0) == 0) {
            return;
        }
        INDArray flat = flat(denominators);
        for (long i = 0; i < flat.length(); i++) {
            if (flat.getDouble(i) == 0) {
                throw new ArithmeticException(
                        who + ": the sum over axes " + Arrays.toString(groups.reduced()) + " is zero" + at(i, groups)
                                + "; x/Σx is undefined there (a positive eps avoids it for x ≥ 0)");
            }
        }
    }

    /**
     * Counts what is NaN or infinite.
     *
     * @param array an array
     * @return how many elements are
     */
    public static long notFinite(INDArray array) {
        return Nd4j.getExecutioner()
                .exec(new MatchCondition(array, Conditions.notFinite()))
                .getLong(0);
    }

    private static INDArray flat(INDArray array) {
        return Reshape.of(array, array.length());
    }

    /** Where a group is, for messages. */
    private static String at(long group, Groups groups) {
        return " at index " + Arrays.toString(index(group, groups.statisticShape())) + " of axes "
                + Arrays.toString(groups.kept());
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
