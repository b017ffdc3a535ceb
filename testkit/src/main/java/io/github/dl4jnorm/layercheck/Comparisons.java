package io.github.dl4jnorm.layercheck;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The elements of arrays in 'c' order, and comparisons of them that no NaN passes. */
final class Comparisons {
    /**
     * Allowed between the same computation in another order, in double: thousands of times what rounding does to the few
     * terms of a small array, and far less than any error.
     */
    static final double ROUNDING = 1e-10;

    private Comparisons() {}

    static double[] of(INDArray array) {
        return array.dup('c').reshape(array.length()).castTo(DataType.DOUBLE).toDoubleVector();
    }

    static INDArray array(double[] values, DataType type, long... shape) {
        return Nd4j.createFromArray(values).reshape('c', shape).castTo(type);
    }

    static int length(long... shape) {
        return Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    }

    /** The indices, along all axes, of an element. */
    static long[] indices(int element, long... shape) {
        long[] indices = new long[shape.length];
        long rest = element;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            indices[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return indices;
    }

    /** Demands the same values, bit for bit. */
    static void same(String what, @Nullable INDArray expected, @Nullable INDArray actual) {
        close(what, expected, actual, 0);
    }

    /**
     * Demands the same shape, and values that differ by no more than a tolerance, relative to the largest expected one,
     * or to 1, the size of the data, if that is more.
     *
     * @return the largest difference
     */
    static double close(String what, @Nullable INDArray expected, @Nullable INDArray actual, double relative) {
        if (expected == null || actual == null) {
            if (expected == actual) {
                return 0;
            }
            throw new CheckFailure(what + ": expected " + (expected == null ? "none" : "an array") + ", got "
                    + (actual == null ? "none" : "an array"));
        }
        long[] shape = expected.shape();
        if (!Arrays.equals(shape, actual.shape())) {
            throw new CheckFailure(
                    what + ": expected shape " + Arrays.toString(shape) + ", got " + Arrays.toString(actual.shape()));
        }
        double[] wanted = of(expected);
        double[] got = of(actual);
        double tolerance = relative
                * Math.max(1, Arrays.stream(wanted).map(Math::abs).max().orElse(0));
        int wrong = 0;
        int worst = 0;
        double largest = 0;
        for (int i = 0; i < wanted.length; i++) {
            double error = error(wanted[i], got[i]);
            if (error > tolerance) {
                wrong++;
            }
            if (error > largest) {
                largest = error;
                worst = i;
            }
        }
        if (wrong > 0) {
            throw new CheckFailure(String.format(
                    Locale.ROOT,
                    "%s%s: expected %.6g, got %.6g; %d of %d elements differ",
                    what,
                    Arrays.toString(indices(worst, shape)),
                    wanted[worst],
                    got[worst],
                    wrong,
                    wanted.length));
        }
        return largest;
    }

    /** The difference; infinite if only one is NaN. */
    private static double error(double expected, double actual) {
        if (Double.compare(expected, actual) == 0) {
            return 0;
        }
        double error = Math.abs(expected - actual);
        return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
    }

    /** Demands the same output and gradients. */
    static double close(
            String when, LayerHarness.LayerResults expected, LayerHarness.LayerResults actual, double relative) {
        double largest = close(when + ", output", expected.y(), actual.y(), relative);
        largest = Math.max(largest, close(when + ", input gradient", expected.dx(), actual.dx(), relative));
        for (String name : expected.gradients().keySet()) {
            INDArray wanted = expected.gradients().get(name);
            INDArray got = actual.gradients().get(name);
            largest = Math.max(largest, close(when + ", gradient of " + name, wanted, got, relative));
        }
        return largest;
    }

    static void finite(String what, INDArray array) {
        double[] values = of(array);
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new CheckFailure(what + Arrays.toString(indices(i, array.shape())) + " is " + values[i]);
            }
        }
    }
}
