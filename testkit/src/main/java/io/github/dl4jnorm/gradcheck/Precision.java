package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * How far right derivatives may be apart. Each output and each input counts by its own: what is large in one does not
 * hide what is wrong in another.
 *
 * @param rows allowed distance of the derivatives of each output, in the Euclidean norm
 * @param columns allowed distance of the derivatives by each input
 * @param all allowed distance of all of them
 * @param sufficient whether the true ones are known well enough for a verdict
 */
record Precision(double[] rows, double[] columns, double all, boolean sufficient) {
    /** Digits that a backward pass in double is sure to have. */
    static final double ROUNDING = 1e-7;

    /** Estimated errors are trusted up to this factor. */
    static final double SAFETY = 10;

    /** Differences that carry fewer digits say nothing. */
    static final double COARSEST = 1e-4;

    /** Derivatives below this part of y over the spread of x are zero, for all that differences can tell. */
    static final double ZERO = 1e-8;

    /** Digits of the differences of f(x) = y, and of a backward pass in double. */
    static Precision of(Derivatives derivatives, double[] x, double... y) {
        double largest = Elements.largest(x);
        double scale = Math.max(Slope.spread(x), Double.MIN_NORMAL);
        double roundoff = 1e-12 + 1e-14 * largest / scale;
        double natural = norm(y) / scale;
        double zero = ZERO * natural + 1e-11 * largest / scale;
        RealMatrix values = derivatives.values();
        RealMatrix error = derivatives.error();
        double[] rows = new double[values.getRowDimension()];
        double[] columns = new double[values.getColumnDimension()];
        boolean sufficient = true;
        for (int i = 0; i < rows.length; i++) {
            double size = norm(values.getRow(i));
            rows[i] = ROUNDING * size + SAFETY * norm(error.getRow(i)) + roundoff * Math.abs(y[i]) / scale;
            sufficient &= rows[i] <= Math.max(COARSEST * size, zero);
        }
        for (int j = 0; j < columns.length; j++) {
            double size = norm(values.getColumn(j));
            columns[j] = ROUNDING * size + SAFETY * norm(error.getColumn(j)) + roundoff * natural;
            sufficient &= columns[j] <= Math.max(COARSEST * size, zero);
        }
        return new Precision(rows, columns, norm(rows), sufficient);
    }

    /** The same for the single row weights·J. */
    Precision weighted(double... weights) {
        double size = norm(weights);
        return new Precision(
                new double[] {size * all},
                Arrays.stream(columns).map(c -> size * c).toArray(),
                size * all,
                sufficient);
    }

    /** Whether a difference of derivatives is none. Written so that NaN is one. */
    boolean covers(RealMatrix difference) {
        for (int i = 0; i < rows.length; i++) {
            if (!(norm(difference.getRow(i)) <= rows[i])) {
                return false;
            }
        }
        for (int j = 0; j < columns.length; j++) {
            if (!(norm(difference.getColumn(j)) <= columns[j])) {
                return false;
            }
        }
        return true;
    }

    private static double norm(double... values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }
}
