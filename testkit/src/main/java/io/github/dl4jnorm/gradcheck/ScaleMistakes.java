package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Scale;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/** What s may have been by mistake; x̂ is made with it again, or was kept from the forward pass. */
final class ScaleMistakes {
    /** What people write for ε. */
    private static final double[] USUAL_EPS = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12};

    /** Below this part of the right ε another one can hardly be told from none, or not at all. */
    private static final double SMALL = 0.1;

    private static final double NO_EPS = 1e-4;

    private final NormMistakes mistakes;
    private final NormStructure norm;
    private final Statistic statistic;
    private final ElementStatistics statistics;
    private final double eps;
    private final String text;

    private ScaleMistakes(NormMistakes mistakes) {
        this.mistakes = mistakes;
        this.norm = mistakes.norm;
        this.statistic = mistakes.statistic;
        this.statistics = norm.statistics();
        this.eps = norm.spec().eps();
        this.text = NormFormula.scaleText(statistic, eps);
    }

    static void addTo(NormMistakes mistakes) {
        if (!mistakes.norm.isSoftmax()) {
            new ScaleMistakes(mistakes).add();
        }
    }

    static String slopeOfScale(Statistic statistic) {
        return "∂s/∂" + inParentheses(NormFormula.measureText(statistic)) + " = −½·s³";
    }

    static String inParentheses(String q) {
        return q.startsWith("Σ") ? "(" + q + ")" : q;
    }

    private void add() {
        String q = NormFormula.measureText(statistic);
        double[] measure = statistics.measure();
        switch (statistic.scale()) {
            case INVERSE -> {
                addOtherEps();
                addWrongScale(q + "+ε", s -> 1 / s);
                addWrongScale("1/(" + q + "+ε)²", s -> s * s);
            }
            case INVERSE_ROOT -> {
                addOtherEps();
                addScale(Cause.EPS_OUTSIDE_ROOT, "", 1, NormMistakes.map(measure, v -> 1 / (Math.sqrt(v) + eps)));
                addWrongScale("√(" + q + "+ε)", s -> 1 / s);
                addWrongScale(q + "+ε", s -> 1 / (s * s));
                addWrongScale("1/(" + q + "+ε)", s -> s * s);
            }
            case INVERSE_FLOORED_ROOT -> {
                addAddedEps(measure);
                addWrongScale("√max(" + q + ", ε)", s -> 1 / s);
                addWrongScale("max(" + q + ", ε)", s -> 1 / (s * s));
                addWrongScale("1/max(" + q + ", ε)", s -> s * s);
            }
        }
        addWrongScale("1", s -> 1);
        addWrongCounts(measure);
    }

    private void addOtherEps() {
        if (eps > 0 || statistic.isGiven()) {
            addScale(Cause.EPS_MISSING, "", 1, statistics.scale(0));
        }
        for (double other : USUAL_EPS) {
            if (other != eps && other > NO_EPS * eps) {
                String detail = shortest(other)
                        + (eps == 0 ? ", the forward pass has none" : " in place of ε = " + shortest(eps));
                double cost = other < SMALL * eps ? NormMistakes.RARE : 1;
                addScale(Cause.WRONG_EPS, detail, cost, statistics.scale(other));
            }
        }
    }

    /** Where q is above its floor another floor would not show, either; an ε that is added does. */
    private void addAddedEps(double... measure) {
        for (double added : USUAL_EPS) {
            String detail = shortest(added) + " is added, not the least that " + NormFormula.measureText(statistic)
                    + " counts as";
            addScale(Cause.WRONG_EPS, detail, 1, NormMistakes.map(measure, v -> Scale.INVERSE_ROOT.of(v, added)));
        }
    }

    private static String shortest(double eps) {
        String digits = String.format(Locale.ROOT, "%.1e", eps);
        return digits.replace(".0e", "e");
    }

    private void addWrongCounts(double... measure) {
        int m = norm.size();
        switch (statistic.measure()) {
            case SUM_OF_VALUES, GIVEN_VARIANCE -> {}
            case SUM_OF_SQUARES ->
                addScale(
                        Cause.WRONG_COUNT, "a mean in place of Σx²", 1, NormMistakes.map(measure, v -> scaleOf(v / m)));
            case MEAN_OF_SQUARES -> {
                if (!statistic.isCentered()) {
                    addScale(
                            Cause.WRONG_COUNT,
                            "Σx² is not divided by M",
                            1,
                            NormMistakes.map(measure, v -> scaleOf(v * m)));
                } else if (m > 1 && !norm.isUnbiased()) {
                    addScale(Cause.UNBIASED_VARIANCE, "", 1, NormMistakes.map(measure, v -> scaleOf(v * m / (m - 1))));
                }
            }
        }
    }

    private double scaleOf(double q) {
        return statistic.scale().of(q, eps);
    }

    private void addScale(Cause cause, String detail, double cost, double... wrong) {
        String separator = detail.isEmpty() ? "" : "; ";
        mistakes.add(cause, detail, text, cost, f -> {
            f.scale = wrong;
            f.xHat(NormMistakes.product(statistics.centered(), wrong));
        });
        mistakes.add(cause, detail + separator + "x̂ being right", text, cost, f -> f.scale = wrong);
    }

    private void addWrongScale(String what, DoubleUnaryOperator wrong) {
        double[] scale = statistics.scale();
        mistakes.add(Cause.WRONG_CACHE, what + " in place of s", text, f -> f.scale = NormMistakes.map(scale, wrong));
    }
}
