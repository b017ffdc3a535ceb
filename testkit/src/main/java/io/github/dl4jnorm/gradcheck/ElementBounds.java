package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * How far each single derivative may be from the true one: rtol·|true| + atol·min(1, size), beside the error of the true
 * one, where size is that of the largest derivative in its row or column, the smaller of both.
 *
 * @param derivatives the true ones
 * @param rows the largest derivative of each output
 * @param columns the largest derivative by each input
 * @param zero below this a derivative is zero, for all that differences can tell
 * @param atol as above
 * @param rtol as above
 */
record ElementBounds(Derivatives derivatives, double[] rows, double[] columns, double zero, double atol, double rtol) {

    static ElementBounds of(Derivatives derivatives, double[] x, double[] y, double atol, double rtol) {
        RealMatrix values = derivatives.values();
        double[] rows = new double[values.getRowDimension()];
        double[] columns = new double[values.getColumnDimension()];
        Arrays.setAll(rows, i -> largest(values.getRow(i)));
        Arrays.setAll(columns, j -> largest(values.getColumn(j)));
        // Differences of a y that does not depend on x are its rounding.
        return new ElementBounds(derivatives, rows, columns, Precision.ZERO * largest(y) / Slope.spread(x), atol, rtol);
    }

    private static double largest(double... values) {
        return Elements.largest(Arrays.stream(values).filter(Double::isFinite).toArray());
    }

    /** Whether the true derivative is known well enough to compare with it. */
    boolean sufficient(int i, int j) {
        return error(i, j) <= Math.max(Precision.COARSEST * size(i, j), zero);
    }

    /** Whether a derivative is known to be wrong; one that is no number is where the true one is a number. */
    boolean wrong(int i, int j, double actual) {
        double truth = derivatives.values().getEntry(i, j);
        if (!Double.isFinite(actual)) {
            return Double.isFinite(truth);
        }
        double allowed = rtol * Math.abs(truth) + atol * Math.min(1, size(i, j)) + error(i, j);
        return sufficient(i, j) && !(Math.abs(truth - actual) <= allowed);
    }

    private double size(int i, int j) {
        return Math.min(rows[i], columns[j]);
    }

    private double error(int i, int j) {
        return Precision.SAFETY * derivatives.error().getEntry(i, j);
    }
}
