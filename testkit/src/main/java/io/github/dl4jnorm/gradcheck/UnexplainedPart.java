package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.Locale;

/** What can be said about a discrepancy that nothing explains. */
final class UnexplainedPart {
    private static final double NEGLIGIBLE = 1e-6;

    private UnexplainedPart() {}

    static String describe(Discrepancy discrepancy, Finding.Shapes shapes) {
        Matrix difference = discrepancy.analytical().minus(discrepancy.seenTruth());
        long notFinite = Arrays.stream(difference.values())
                .filter(v -> !Double.isFinite(v))
                .count();
        if (notFinite > 0) {
            return notFinite + " of " + difference.values().length + " derivatives are NaN or infinite";
        }
        if (discrepancy.weights() != null) {
            return "known for one output gradient only; give the backward pass itself for more";
        }
        int rank = difference.rank(NEGLIGIBLE);
        String text = "yours − true has rank " + rank + " of " + Math.min(difference.rows(), difference.columns());
        if (Arrays.equals(shapes.outputShape(), shapes.inputShape())) {
            int[] coupled = Jacobian.coupledAxes(difference, shapes.inputShape());
            boolean symmetric = difference.distance(difference.transposed()) <= NEGLIGIBLE * difference.norm();
            text += coupled.length == 0 ? ", is diagonal" : ", couples axes " + Arrays.toString(coupled);
            text += symmetric ? ", is symmetric" : ", is not symmetric";
        }
        return text + String.format(Locale.ROOT, ", largest element %.3g", difference.maxAbs());
    }
}
