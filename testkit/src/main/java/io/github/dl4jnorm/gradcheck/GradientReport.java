package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/** The lines that a person reads about one gradient. */
final class GradientReport {
    /** An explanation of less than this part of a discrepancy leads astray. */
    private static final double MOST = 0.9;

    private final List<String> lines = new ArrayList<>();

    private void line(String label, String text) {
        lines.add(String.format(Locale.ROOT, "  %-9s %s", label, text));
    }

    static String right(String input, Discrepancy discrepancy, String blindSpot) {
        GradientReport report = new GradientReport();
        report.lines.add("Gradient of " + input + ": RIGHT (" + discrepancy.describeError() + ")");
        if (!blindSpot.isEmpty()) {
            report.line("but", blindSpot);
        }
        return report.toString();
    }

    /** A gradient that nobody can judge, and why. */
    static String undecided(String input, String reason) {
        GradientReport report = new GradientReport();
        report.lines.add("Gradient of " + input + ": CANNOT BE JUDGED here");
        report.line("because", reason);
        return report.toString();
    }

    /** A gradient that is known to be wrong from random projections of its Jacobian only. */
    static String wrongInProjections(String input, Discrepancy discrepancy, String scope) {
        GradientReport report = new GradientReport();
        report.lines.add("Gradient of " + input + ": WRONG, " + discrepancy.describeError() + " of random projections");
        report.line("cause", "not known, as " + scope + "; smaller shapes tell more");
        int worst = worst(discrepancy);
        report.line(
                "numbers",
                "v·J·u: true " + number(discrepancy.truth().getEntry(worst, 0)) + ", yours "
                        + number(discrepancy.analytical().getEntry(worst, 0)));
        return report.toString();
    }

    /** A gradient that cannot be compared with anything. */
    static String wrongForm(String input, String cause, @Nullable BackwardFormula backward) {
        GradientReport report = new GradientReport();
        report.lines.add("Gradient of " + input + ": WRONG");
        report.line("cause", cause);
        if (backward != null) {
            report.line("right", backward.formula());
        }
        return report.toString();
    }

    /** A wrong gradient, with what was observed and what explains it. */
    static String wrong(
            String input,
            Discrepancy discrepancy,
            Finding.Shapes shapes,
            List<String> observed,
            List<Explanation> explanations,
            @Nullable Explanation closest,
            @Nullable BackwardFormula backward) {
        GradientReport report = new GradientReport();
        // No numbers where nobody knows the true ones, and where what has been observed is all that is wrong.
        boolean numbers = discrepancy.precision().sufficient() && !discrepancy.right();
        report.lines.add("Gradient of " + input + ": WRONG" + (numbers ? ", " + discrepancy.describeError() : ""));
        observed.forEach(text -> report.line("cause", text));
        report.explain(explanations);
        if (observed.isEmpty() && explanations.isEmpty()) {
            report.line("cause", "none of those known here" + nearest(closest));
            report.line("residual", UnexplainedPart.describe(discrepancy, shapes));
        }
        if (backward != null) {
            report.line("right", backward.formula());
        }
        if (numbers) {
            report.numbers(input, discrepancy, shapes);
        }
        if (explanations.stream().anyMatch(e -> e.causes().contains(Cause.DIAGONAL_ONLY))) {
            report.coupling(discrepancy, shapes);
        }
        return report.toString();
    }

    private void explain(List<Explanation> explanations) {
        for (int i = 0; i < explanations.size(); i++) {
            line(i == 0 ? "cause" : "or", explanations.get(i).text());
        }
        if (explanations.size() > 1) {
            line("", "these data cannot tell; try other shapes or values");
        }
        if (!explanations.isEmpty()) {
            Explanation best = explanations.get(0);
            if (explanations.size() == 1 && !best.term().isEmpty()) {
                line("term", best.term());
            }
            line("accounts", percent(best.accountedFor()));
        }
    }

    private static String nearest(@Nullable Explanation closest) {
        return closest == null || closest.accountedFor() < MOST
                ? ""
                : "; the closest, " + closest.text() + ", accounts " + percent(closest.accountedFor());
    }

    static String percent(double part) {
        return String.format(Locale.ROOT, "for %.1f %% of the discrepancy", 100 * Math.max(0, part));
    }

    /** The place of the largest error, with both numbers. */
    private void numbers(String name, Discrepancy discrepancy, Finding.Shapes shapes) {
        RealMatrix truth = discrepancy.seenTruth();
        int worst = worst(discrepancy);
        int row = worst / truth.getColumnDimension();
        int column = worst % truth.getColumnDimension();
        String index = Elements.at(column, shapes.inputShape());
        String what = discrepancy.weights() == null
                ? "∂y" + Elements.at(row, shapes.outputShape()) + "/∂" + name + index
                : "d" + name + index;
        line(
                "numbers",
                String.format(
                        Locale.ROOT,
                        "%s: true %s, yours %s",
                        what,
                        number(truth.getEntry(row, column)),
                        number(discrepancy.analytical().getEntry(row, column))));
    }

    /** The place of the derivative farthest from the true one, counted row after row. */
    private static int worst(Discrepancy discrepancy) {
        double[] difference = Matrices.values(discrepancy.analytical().subtract(discrepancy.seenTruth()));
        int worst = 0;
        for (int k = 1; k < difference.length; k++) {
            if (Math.abs(difference[k]) > Math.abs(difference[worst])) {
                worst = k;
            }
        }
        return worst;
    }

    private static String number(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.5g", value);
    }

    /** What the diagonal leaves out. */
    private void coupling(Discrepancy discrepancy, Finding.Shapes shapes) {
        RealMatrix truth = discrepancy.truth();
        int[] coupled = Jacobian.coupledAxes(truth, shapes.inputShape());
        line("coupling", "every output depends on every input along axes " + Arrays.toString(coupled));
        double[] ones = new double[truth.getRowDimension()];
        Arrays.fill(ones, 1);
        double sum = Elements.largest(truth.preMultiply(ones));
        line(
                "sums",
                String.format(
                        Locale.ROOT,
                        "summed over outputs (grad with ones), the true Jacobian's largest value is %s,"
                                + " its diagonal's %.3g",
                        sum <= 1e-9 * Matrices.maxAbs(truth) ? "0" : String.format(Locale.ROOT, "%.3g", sum),
                        Elements.largest(Matrices.diagonal(truth))));
    }

    @Override
    public String toString() {
        return String.join(System.lineSeparator(), lines);
    }
}
