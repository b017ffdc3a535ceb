package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Explains a backward pass as its paths, each with a factor of its own: a·direct + b·(path through c) + c·(path through
 * s), with γ or without. It is asked last, as it has no names for what a known mistake does.
 */
final class PathFit {
    private static final double SAME = 1e-4;

    private final Discrepancy discrepancy;
    private final Statistic statistic;

    private PathFit(Discrepancy discrepancy, Statistic statistic) {
        this.discrepancy = discrepancy;
        this.statistic = statistic;
    }

    /** The factors, if they account for all of the discrepancy. */
    static Optional<Explanation> of(Discrepancy discrepancy, NormFormula right) {
        if (right.norm.statistic().isGiven()) {
            return InferenceFit.of(discrepancy, right.norm);
        }
        PathFit fit = new PathFit(discrepancy, right.norm.statistic());
        Optional<Explanation> withGamma = fit.explain((NormFormula) right.fresh(), false);
        if (withGamma.isPresent() || !right.norm.hasGamma()) {
            return withGamma;
        }
        NormFormula withoutGamma = (NormFormula) right.fresh();
        withoutGamma.gamma(withoutGamma.filled(1));
        return fit.explain(withoutGamma, true);
    }

    private Optional<Explanation> explain(NormFormula formula, boolean gammaMissing) {
        List<RealMatrix> paths = formula.paths();
        double[] factors = leastSquares(paths);
        RealMatrix predicted = discrepancy.truth().scalarMultiply(0);
        for (int k = 0; k < factors.length; k++) {
            predicted = predicted.add(paths.get(k).scalarMultiply(factors[k]));
        }
        return discrepancy.explainedBy(predicted)
                ? Optional.of(explanation(predicted, factors, gammaMissing))
                : Optional.empty();
    }

    private Explanation explanation(RealMatrix predicted, double[] factors, boolean gammaMissing) {
        List<Path> paths = Path.of(statistic);
        List<Cause> causes = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        List<String> terms = new ArrayList<>();
        if (gammaMissing) {
            causes.add(Cause.GAMMA_MISSING);
            texts.add(Cause.GAMMA_MISSING.title());
            terms.add("g = γ·dy, not dy");
        }
        for (int k = 0; k < factors.length; k++) {
            if (Math.abs(factors[k] - 1) > SAME) {
                boolean missing = Math.abs(factors[k]) <= SAME;
                Cause cause =
                        missing ? paths.get(k).missing(statistic) : paths.get(k).wrong(statistic);
                String detail = missing
                        ? ""
                        : String.format(Locale.ROOT, "%.6g", factors[k]).replaceFirst("\\.?0+$", "")
                                + " times what it should be";
                causes.add(cause);
                texts.add(Explainer.text(cause, detail));
                terms.add(paths.get(k).term(statistic));
            }
        }
        return new Explanation(
                causes,
                String.join("; and ", texts),
                String.join("; ", terms),
                discrepancy.accountedFor(predicted),
                texts.size() * NormMistakes.RARE);
    }

    /** The factors with which the matrices add up to nearly the analytical Jacobian. */
    private double[] leastSquares(List<RealMatrix> parts) {
        int n = parts.size();
        double[][] normal = new double[n][n];
        double[] right = new double[n];
        for (int row = 0; row < n; row++) {
            for (int column = 0; column < n; column++) {
                normal[row][column] = Matrices.dot(parts.get(row), parts.get(column));
            }
            right[row] = Matrices.dot(parts.get(row), discrepancy.analytical());
        }
        return Matrices.solution(normal, right);
    }
}
