package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the mistakes behind a wrong gradient. Each explanation is an alternative: it predicts the analytical
 * Jacobian if that mistake had been made, and is judged by how much of the discrepancy this accounts for.
 */
final class Explainer {
    /** Explanations whose costs are as close as this are equally good. */
    private static final double SAME_COST = 0.05;

    /** No explanation leaves more of a discrepancy than this. */
    private static final double MOST_LEFT = 0.05;

    private static final long SEED = 20261130;

    private final Discrepancy discrepancy;
    private final @Nullable BackwardFormula backward;
    private final Map<Integer, String> divisors;
    private final int broadcastCopies;
    private final boolean square;
    private final double[] probe;
    private final double[] probed;
    private final List<Found> found = new ArrayList<>();
    private @Nullable Explanation closest;

    /** An explanation that accounts for all, and whether it does so to the last digit. */
    private record Found(Explanation explanation, boolean exact) {
        double cost() {
            return explanation.cost();
        }
    }

    /**
     * An explainer.
     *
     * @param discrepancy a discrepancy
     * @param backward the right backward pass if it is known, or null
     * @param outputShape shape of the output
     * @param inputShape shape of the input
     */
    Explainer(Discrepancy discrepancy, @Nullable BackwardFormula backward, long[] outputShape, long... inputShape) {
        this.discrepancy = discrepancy;
        this.backward = backward;
        this.divisors = Divisors.of(outputShape);
        this.broadcastCopies = backward instanceof ParameterFormula parameter ? parameter.copies() : 1;
        this.square = Arrays.equals(outputShape, inputShape);
        double[] weights = discrepancy.weights();
        this.probe = weights == null
                ? new Random(SEED)
                        .doubles(discrepancy.truth().getRowDimension(), -1, 1)
                        .map(Math::signum)
                        .toArray()
                : weights;
        this.probed = weights == null
                ? discrepancy.analytical().preMultiply(probe)
                : discrepancy.analytical().getRow(0);
    }

    /** The best explanations: none, one, or several between which the data cannot decide. */
    List<Explanation> best() {
        consider(discrepancy.truth(), List.of(), true);
        if (backward != null) {
            considerMistakes(backward);
        }
        return cheapest();
    }

    private void considerMistakes(BackwardFormula right) {
        List<Mistake> mistakes = right.mistakes();
        for (Mistake mistake : mistakes) {
            consider(mistake.in(right), List.of(mistake));
        }
        if (found.isEmpty()) {
            considerTwo(right, mistakes);
        }
        if (found.isEmpty() && discrepancy.weights() == null && right instanceof NormFormula norm) {
            PathFit.of(discrepancy, norm).ifPresent(fit -> found.add(new Found(fit, false)));
        }
    }

    /** Those that leave nothing if there are any; of these the ones that cost the least, one for each set of causes. */
    private List<Explanation> cheapest() {
        boolean exact = found.stream().anyMatch(Found::exact);
        List<Found> candidates = found.stream()
                .filter(f -> f.exact == exact)
                .sorted(Comparator.comparing((Found f) -> -f.explanation.accountedFor()))
                .toList();
        double least = candidates.stream().mapToDouble(Found::cost).min().orElse(0);
        List<Explanation> best = new ArrayList<>();
        for (Found candidate : candidates) {
            Explanation explanation = candidate.explanation;
            boolean known = best.stream().anyMatch(e -> e.causes().equals(explanation.causes()));
            if (candidate.cost() <= least + SAME_COST && !known) {
                best.add(explanation);
            }
        }
        return best;
    }

    /** What accounts for most, though not for all; null if nothing accounts for anything. */
    @Nullable Explanation closest() {
        return closest;
    }

    private void considerTwo(BackwardFormula right, List<Mistake> mistakes) {
        for (Mistake first : mistakes) {
            consider(first.in(right).jacobian(), List.of(first), true);
            for (Mistake second : mistakes.subList(mistakes.indexOf(first) + 1, mistakes.size())) {
                BackwardFormula wrong = first.in(right);
                second.edit().accept(wrong);
                consider(wrong, List.of(first, second));
            }
        }
    }

    /** Considers mistakes, unless one output gradient already shows that they account for too little. */
    private void consider(BackwardFormula wrong, List<Mistake> mistakes) {
        double[] predicted = wrong.times(probe);
        double left = 0;
        for (int j = 0; j < predicted.length; j++) {
            left += (predicted[j] - probed[j]) * (predicted[j] - probed[j]);
        }
        double size = discrepancy.size();
        // |v·D| is at most |v| times the Frobenius norm of D; on average over v with elements ±1, it is that norm.
        double length = discrepancy.weights() == null ? Math.sqrt(probe.length) : 1;
        boolean possible = Math.sqrt(left) <= MOST_LEFT * size * length;
        boolean closer = closest == null || 1 - left / (size * size) > closest.accountedFor();
        if (possible || closer) {
            consider(wrong.jacobian(), mistakes, false);
        }
    }

    /** Considers a prediction as it is, unless it is the truth, and if asked to distorted in ways that need no norm. */
    private void consider(RealMatrix predicted, List<Mistake> mistakes, boolean distorted) {
        if (!mistakes.isEmpty()) {
            consider(predicted, mistakes, null, "", 0);
        }
        if (!distorted) {
            return;
        }
        consider(predicted.scalarMultiply(-1), mistakes, Cause.WRONG_SIGN, "", 1);
        if (square) {
            consider(Matrices.diagonalOnly(predicted), mistakes, Cause.DIAGONAL_ONLY, "", 1);
            consider(predicted.transpose(), mistakes, Cause.TRANSPOSED, "", 1.2);
        }
        RealMatrix seen = discrepancy.seen(predicted);
        double factor = Matrices.dot(discrepancy.analytical(), seen) / Matrices.dot(seen, seen);
        if (discrepancy.analytical().getFrobeniusNorm() == 0) {
            consider(predicted.scalarMultiply(0), mistakes, Cause.ZERO, "", 1);
        } else if (Double.isFinite(factor)) {
            considerScaled(predicted.scalarMultiply(factor), mistakes, factor);
        }
    }

    private void considerScaled(RealMatrix predicted, List<Mistake> mistakes, double factor) {
        String by = String.format(Locale.ROOT, "by %.6g", factor);
        if (broadcastCopies > 1 && near(factor, 1.0 / broadcastCopies)) {
            String detail = "divided by " + broadcastCopies + ", the number of outputs that each element goes into";
            consider(predicted, mistakes, Cause.MEAN_INSTEAD_OF_SUM, detail, 1);
            return;
        }
        for (Map.Entry<Integer, String> divisor : divisors.entrySet()) {
            if (near(factor, 1.0 / divisor.getKey())) {
                String detail = "by 1/" + divisor.getKey() + ", 1 over " + divisor.getValue();
                consider(predicted, mistakes, Cause.SCALED, detail, 1.3);
                return;
            }
            if (near(factor, divisor.getKey())) {
                consider(predicted, mistakes, Cause.SCALED, by + ", " + divisor.getValue(), 1.3);
                return;
            }
        }
        consider(predicted, mistakes, Cause.SCALED, by, 1.6);
    }

    private static boolean near(double a, double b) {
        return Math.abs(a - b) <= 1e-4 * Math.abs(b);
    }

    private void consider(
            RealMatrix predicted, List<Mistake> mistakes, @Nullable Cause distortion, String detail, double cost) {
        double accountedFor = discrepancy.accountedFor(predicted);
        boolean explained = discrepancy.explainedBy(predicted);
        if (!explained && closest != null && !(accountedFor > closest.accountedFor())) {
            return;
        }
        List<Cause> causes =
                new ArrayList<>(mistakes.stream().map(Mistake::cause).distinct().toList());
        List<String> texts = new ArrayList<>(
                mistakes.stream().map(m -> text(m.cause(), m.detail())).toList());
        List<String> terms =
                new ArrayList<>(mistakes.stream().map(Mistake::term).distinct().toList());
        if (distortion != null) {
            causes.add(distortion);
            texts.add(text(distortion, detail));
            if (distortion == Cause.DIAGONAL_ONLY) {
                terms.add("Σ over i ≠ j of dy_i·∂y_i/∂x_j");
            }
        }
        double total = mistakes.stream().mapToDouble(Mistake::cost).sum() + cost;
        Explanation explanation =
                new Explanation(causes, String.join("; and ", texts), String.join("; ", terms), accountedFor, total);
        if (explained) {
            boolean exact =
                    Matrices.distance(discrepancy.analytical(), discrepancy.seen(predicted)) <= discrepancy.tolerance();
            found.add(new Found(explanation, exact));
        }
        if (accountedFor > 0 && (closest == null || accountedFor > closest.accountedFor())) {
            closest = explanation;
        }
    }

    static String text(Cause cause, String detail) {
        return detail.isEmpty() ? cause.title() : cause.title() + ": " + detail;
    }
}
