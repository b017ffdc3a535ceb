package io.github.dl4jnorm.gradcheck;

import java.util.Locale;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * The true derivatives beside what a backward pass says: whole Jacobians, or, where one gradient only is known, both
 * multiplied by the output gradient.
 *
 * @param truth the true Jacobian
 * @param analytical the Jacobian of the backward pass, or one gradient as a single row
 * @param weights the output gradient of that row, or null for whole Jacobians
 * @param precision how far right ones may be apart
 */
record Discrepancy(RealMatrix truth, RealMatrix analytical, double @Nullable [] weights, Precision precision) {
    /** Below this part of the true derivatives a gradient is zero. */
    private static final double ZERO = 1e-12;

    /** How far right ones may be apart, in the Frobenius norm. */
    double tolerance() {
        return precision.all();
    }

    /** What a Jacobian would look like here. */
    RealMatrix seen(RealMatrix jacobian) {
        return weights == null ? jacobian : Matrices.ofRows(jacobian.preMultiply(weights));
    }

    RealMatrix seenTruth() {
        return seen(truth);
    }

    double size() {
        return Matrices.distance(analytical, seenTruth());
    }

    /** Written so that NaN is not right. */
    boolean right() {
        return precision.covers(analytical.subtract(seenTruth()));
    }

    /** The part of the discrepancy that a predicted Jacobian accounts for. */
    double accountedFor(RealMatrix prediction) {
        double left = Matrices.distance(analytical, seen(prediction)) / size();
        return 1 - left * left;
    }

    /** Whether a predicted Jacobian accounts for all, but for a thousandth or rounding. */
    boolean explainedBy(RealMatrix prediction) {
        double all = size();
        return Matrices.distance(analytical, seen(prediction))
                <= Math.max(1e-3 * all, Math.min(tolerance(), 0.05 * all));
    }

    /** The discrepancy as a part of the true derivatives' size; as it is where those are zero. */
    double relativeError() {
        double size = seenTruth().getFrobeniusNorm();
        return size <= tolerance() ? size() : size() / size;
    }

    String describeError() {
        return seenTruth().getFrobeniusNorm() <= tolerance() && !right()
                ? "the true one is zero"
                : String.format(Locale.ROOT, "relative error %.2g", relativeError());
    }

    /** The same, with zeros where derivatives are zero but for rounding: no multiple of that explains anything. */
    Discrepancy withoutDust() {
        RealMatrix known = truth.getFrobeniusNorm() <= tolerance() ? truth.scalarMultiply(0) : truth;
        boolean nothing = analytical.getFrobeniusNorm() <= ZERO * seenTruth().getFrobeniusNorm();
        return new Discrepancy(known, nothing ? analytical.scalarMultiply(0) : analytical, weights, precision);
    }

    Discrepancy with(RealMatrix other) {
        return new Discrepancy(truth, other, weights, precision);
    }
}
