package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.math3.linear.RealMatrix;

/** What can be said about a discrepancy that nothing explains. */
final class UnexplainedPart {
    private static final double NEGLIGIBLE = 1e-6;

    private UnexplainedPart() {}

    static String describe(Discrepancy discrepancy, Finding.Shapes shapes) {
        RealMatrix difference = discrepancy.analytical().subtract(discrepancy.seenTruth());
        double[] values = Matrices.values(difference);
        long notFinite = Arrays.stream(values).filter(v -> !Double.isFinite(v)).count();
        if (notFinite > 0) {
            return notFinite + " of " + values.length + " derivatives are NaN or infinite";
        }
        if (discrepancy.weights() != null) {
            return "known for one output gradient only; give the backward pass itself for more";
        }
        int rank = Matrices.rank(difference, NEGLIGIBLE);
        String text = "yours − true has rank " + rank + " of "
                + Math.min(difference.getRowDimension(), difference.getColumnDimension());
        if (Arrays.equals(shapes.outputShape(), shapes.inputShape())) {
            int[] coupled = Jacobian.coupledAxes(difference, shapes.inputShape());
            boolean symmetric =
                    Matrices.distance(difference, difference.transpose()) <= NEGLIGIBLE * difference.getFrobeniusNorm();
            text += coupled.length == 0 ? ", is diagonal" : ", couples axes " + Arrays.toString(coupled);
            text += symmetric ? ", is symmetric" : ", is not symmetric";
        }
        return text + String.format(Locale.ROOT, ", largest element %.3g", Matrices.maxAbs(difference));
    }
}
