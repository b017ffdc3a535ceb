package io.github.dl4jnorm.gradcheck;

import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The training formula in inference where γ is no input, so that y does not tell x̂ from it: then a backward pass with
 * that formula does. In a group of M elements with the factor f = γ·s it takes f/M·(1 + x̂_i·x̂_j) from the right
 * Jacobian, and x̂ = (x − μ)·s makes that f/M·(p + q·(x_i + x_j) + r·x_i·x_j) with p − 1 = q²/r.
 */
final class InferenceFit {
    private InferenceFit() {}

    /** The explanation, if it accounts for all of the discrepancy. */
    static Optional<Explanation> of(Discrepancy discrepancy, NormStructure norm) {
        for (GroupIndex groups : GroupIndex.byAxes(norm.shape())) {
            if (groups.size() > 2) {
                RealMatrix predicted = predicted(discrepancy, norm, groups);
                if (discrepancy.explainedBy(predicted)) {
                    return Optional.of(new Explanation(
                            List.of(Cause.TRAINING_FORMULA_IN_INFERENCE),
                            Explainer.text(Cause.TRAINING_FORMULA_IN_INFERENCE, "over " + groups.text()),
                            InferenceMistakes.TERMS,
                            discrepancy.accountedFor(predicted),
                            1));
                }
            }
        }
        return Optional.empty();
    }

    /** The training formula with the μ and s of each group that come nearest. */
    private static RealMatrix predicted(Discrepancy discrepancy, NormStructure norm, GroupIndex groups) {
        double[] x = norm.x();
        int m = groups.size();
        double[][][] normal = new double[groups.groups()][3][3];
        double[][] right = new double[groups.groups()][3];
        for (int i = 0; i < x.length; i++) {
            double factor = discrepancy.truth().getEntry(i, i);
            for (int j = 0; j < x.length; j++) {
                if (groups.together(i, j)) {
                    double taken = (discrepancy.truth().getEntry(i, j)
                                    - discrepancy.analytical().getEntry(i, j))
                            * m
                            / factor;
                    add(normal[groups.group()[i]], right[groups.group()[i]], taken - 1, 1, x[i] + x[j], x[i] * x[j]);
                }
            }
        }
        double[] xHat = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double[] pqr = Matrices.solution(normal[groups.group()[i]], right[groups.group()[i]]);
            xHat[i] = (x[i] + pqr[1] / pqr[2]) * Math.sqrt(pqr[2]);
        }
        return Matrices.of(x.length, x.length, (i, j) -> {
            double taken = groups.together(i, j) ? (1 + xHat[i] * xHat[j]) / m : 0;
            return discrepancy.truth().getEntry(i, i) * ((i == j ? 1 : 0) - taken);
        });
    }

    /** Adds an equation Σ terms·unknowns = value. */
    private static void add(double[][] normal, double[] right, double value, double... terms) {
        for (int row = 0; row < terms.length; row++) {
            for (int column = 0; column < terms.length; column++) {
                normal[row][column] += terms[row] * terms[column];
            }
            right[row] += terms[row] * value;
        }
    }
}
