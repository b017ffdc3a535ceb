package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Finding.Shapes;
import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Compares one gradient with the true derivatives, and looks for what is wrong with it.
 *
 * @param name name of the input
 * @param truth true Jacobian
 * @param precision how far right Jacobians may be apart
 * @param backward the right backward pass if it is known
 * @param shapes shapes of output and input
 * @param scaled the norm, if this is the gradient of its x and it has a γ; else null
 * @param doubt why the true Jacobian is not known well enough, if it is not
 */
record GradientComparison(
        String name,
        RealMatrix truth,
        Precision precision,
        @Nullable BackwardFormula backward,
        Shapes shapes,
        @Nullable NormStructure scaled,
        String doubt) {

    Finding of(AnalyticalJacobian analytical, AnalyticalJacobian restored) {
        if (!analytical.fits(shapes.inputShape())) {
            return ofWrongShape(analytical);
        }
        Discrepancy discrepancy = new Discrepancy(truth, analytical.rows(), null, precision);
        if (!analytical.finite()) {
            return of(discrepancy, List.of(), List.of());
        }
        if (analytical.ignoresOutputGradient()) {
            return ofIgnored(analytical);
        }
        if (!analytical.linear(precision.sufficient() ? precision.all() : 0)) {
            return of(discrepancy, List.of(Cause.NOT_LINEAR), List.of(Cause.NOT_LINEAR.title()));
        }
        Discrepancy after = discrepancy.with(restored.rows());
        boolean overwritten = Matrices.distance(after.analytical(), discrepancy.analytical()) > precision.all();
        return overwritten && precision.sufficient() && !discrepancy.right()
                ? ofOverwritten(discrepancy, after)
                : of(discrepancy, List.of(), List.of());
    }

    /** The forward pass overwrote what the backward pass reads; other mistakes show once that is undone. */
    private Finding ofOverwritten(Discrepancy discrepancy, Discrepancy restored) {
        List<Cause> observed = List.of(Cause.INPUT_OVERWRITTEN);
        double left = restored.size() / discrepancy.size();
        String removed = GradientReport.percent(1 - left * left);
        String text = Cause.INPUT_OVERWRITTEN.title();
        if (restored.right()) {
            return of(
                    discrepancy,
                    observed,
                    List.of(text + "; had it been left alone, the gradient would be right: this accounts " + removed));
        }
        Finding rest = of(restored, List.of(), List.of());
        if (rest.verdict() == Verdict.UNEXPLAINED) {
            Finding direct = of(discrepancy, List.of(), List.of());
            return direct.verdict() == Verdict.UNEXPLAINED ? of(discrepancy, observed, List.of(text)) : direct;
        }
        return finding(
                discrepancy,
                observed,
                List.of(text + "; this accounts " + removed + ", and with the input put right:"),
                rest.explanations(),
                null);
    }

    /** It returns the same whatever the output gradient is: judged as the gradient for ones. */
    private Finding ofIgnored(AnalyticalJacobian analytical) {
        double[] ones = new double[truth.getRowDimension()];
        Arrays.fill(ones, 1);
        RealMatrix row = Matrices.ofRows(analytical.mixed());
        Discrepancy discrepancy = new Discrepancy(truth, row, ones, precision.weighted(ones));
        List<Cause> observed = List.of(Cause.OUTPUT_GRADIENT_IGNORED);
        String text = Cause.OUTPUT_GRADIENT_IGNORED.title();
        if (discrepancy.right() && precision.sufficient()) {
            return finding(
                    discrepancy,
                    observed,
                    List.of(text + ": it is right for an output gradient of ones only"),
                    List.of(),
                    null);
        }
        return of(discrepancy, observed, List.of(text));
    }

    private Finding ofWrongShape(AnalyticalJacobian analytical) {
        String got = "it has the shape " + Arrays.toString(analytical.shape()) + ", the input has "
                + Arrays.toString(shapes.inputShape());
        Optional<GroupIndex> sum = analytical.missingSums(shapes.inputShape()).stream()
                .min(Comparator.comparingDouble(p -> Matrices.distance(analytical.summed(p), truth)));
        if (sum.isEmpty()) {
            RealMatrix nothing = truth.scalarMultiply(Double.NaN);
            return new Finding(
                    name,
                    Verdict.EXPLAINED,
                    List.of(Cause.WRONG_SHAPE),
                    List.of(),
                    new Discrepancy(truth, nothing, null, precision),
                    shapes,
                    GradientReport.wrongForm(name, Cause.WRONG_SHAPE.title() + ": " + got, backward));
        }
        String text =
                Cause.BROADCAST_SUM_MISSING.title() + ": sum over " + sum.get().text() + "; " + got;
        Discrepancy summed = new Discrepancy(truth, analytical.summed(sum.get()), null, precision);
        return of(summed, List.of(Cause.BROADCAST_SUM_MISSING), List.of(text));
    }

    /** What a discrepancy shows beside what has been observed. */
    Finding of(Discrepancy discrepancy, List<Cause> observed, List<String> texts) {
        if (!precision.sufficient()
                && observed.isEmpty()
                && Double.isFinite(discrepancy.analytical().getFrobeniusNorm())) {
            return undecided(discrepancy);
        }
        if (discrepancy.right() || !precision.sufficient()) {
            return finding(discrepancy, observed, texts, List.of(), null);
        }
        Explainer explainer =
                new Explainer(discrepancy.withoutDust(), backward, shapes.outputShape(), shapes.inputShape());
        boolean unexplainable = observed.contains(Cause.NOT_LINEAR) || observed.contains(Cause.INPUT_OVERWRITTEN);
        List<Explanation> explanations = unexplainable ? List.of() : explainer.best();
        return finding(discrepancy, observed, texts, explanations, explainer.closest());
    }

    /** Nothing can be said, and no number is worth showing. */
    private Finding undecided(Discrepancy discrepancy) {
        return new Finding(
                name,
                Verdict.UNDECIDED,
                List.of(),
                List.of(),
                discrepancy,
                shapes,
                GradientReport.undecided(name, doubt));
    }

    private Finding finding(
            Discrepancy discrepancy,
            List<Cause> observed,
            List<String> texts,
            List<Explanation> explanations,
            @Nullable Explanation closest) {
        if (discrepancy.right() && observed.isEmpty()) {
            return new Finding(
                    name,
                    Verdict.RIGHT,
                    observed,
                    List.of(),
                    discrepancy,
                    shapes,
                    GradientReport.right(name, discrepancy, blindSpot()));
        }
        String text = GradientReport.wrong(name, discrepancy, shapes, texts, explanations, closest, backward);
        return new Finding(name, verdict(observed, explanations), observed, explanations, discrepancy, shapes, text);
    }

    private static Verdict verdict(List<Cause> observed, List<Explanation> explanations) {
        if (explanations.size() > 1) {
            return Verdict.AMBIGUOUS;
        }
        boolean unexplained = explanations.isEmpty() && (observed.isEmpty() || observed.contains(Cause.NOT_LINEAR));
        return unexplained ? Verdict.UNEXPLAINED : Verdict.EXPLAINED;
    }

    /** What would not show in these data. */
    private String blindSpot() {
        boolean ones = scaled != null && !scaled.hasGamma();
        return ones ? "γ is 1 in these data: a missing γ would not show" : "";
    }
}
