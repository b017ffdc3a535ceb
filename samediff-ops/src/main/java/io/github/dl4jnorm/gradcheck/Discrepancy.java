package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.Locale;

/**
 * The true derivatives beside what a backward pass says: whole Jacobians, or, where one gradient only is known, both
 * multiplied by the output gradient.
 *
 * @param truth the true Jacobian
 * @param analytical the Jacobian of the backward pass, or one gradient as a single row
 * @param weights the output gradient of that row, or null for whole Jacobians
 * @param tolerance how far right ones may be apart, in the Frobenius norm
 */
record Discrepancy(Matrix truth, Matrix analytical, double[] weights, double tolerance) {

    /** What a Jacobian would look like here. */
    Matrix seen(Matrix jacobian) {
        return weights == null ? jacobian : new Matrix(1, jacobian.columns(), jacobian.timesFromLeft(weights));
    }

    Matrix seenTruth() {
        return seen(truth);
    }

    double size() {
        return analytical.distance(seenTruth());
    }

    /** Written so that NaN is not right. */
    boolean right() {
        return size() <= tolerance;
    }

    /** The part of the discrepancy that a predicted Jacobian accounts for. */
    double accountedFor(Matrix prediction) {
        double left = analytical.distance(seen(prediction)) / size();
        return 1 - left * left;
    }

    /** Whether a predicted Jacobian accounts for all, but for a thousandth or rounding. */
    boolean explainedBy(Matrix prediction) {
        double all = size();
        return analytical.distance(seen(prediction)) <= Math.max(1e-3 * all, Math.min(tolerance, 0.05 * all));
    }

    /** The discrepancy as a part of the true derivatives' size; as it is where those are zero. */
    double relativeError() {
        double size = seenTruth().norm();
        return size <= tolerance ? size() : size() / size;
    }

    String describeError() {
        return seenTruth().norm() <= tolerance && !right()
                ? "the true one is zero"
                : String.format(Locale.ROOT, "relative error %.2g", relativeError());
    }

    Discrepancy with(Matrix other) {
        return new Discrepancy(truth, other, weights, tolerance);
    }

    /** How far right derivatives may be apart: digits of the differences, and of a backward pass in double. */
    static double tolerance(Derivatives derivatives, double[] x, double... y) {
        double mean = Arrays.stream(x).average().orElse(0);
        double spread = rms(Arrays.stream(x).map(v -> v - mean).toArray());
        double largest = Arrays.stream(x).map(Math::abs).max().orElse(0);
        double scale = spread > 0 ? spread : Math.max(largest, Double.MIN_NORMAL);
        double digitsLost = largest / scale;
        double natural = Math.sqrt(y.length) * rms(y) / scale;
        return 1e-7 * derivatives.values().norm()
                + 10 * derivatives.error().norm()
                + natural * (1e-12 + 1e-14 * digitsLost);
    }

    private static double rms(double... values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).average().orElse(0));
    }
}
