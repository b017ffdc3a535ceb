package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Finding.Labels;
import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The examination of one gradient.
 *
 * @param name name of the input
 * @param truth true Jacobian
 * @param tolerance how far right Jacobians may be apart
 * @param backward the right backward pass if it is known
 * @param labels shapes
 * @param scaled the norm, if this is the gradient of its x and it has a γ; else null
 */
record Examination(
        String name, Matrix truth, double tolerance, Backward backward, Labels labels, NormStructure scaled) {

    Finding of(Candidate candidate, Candidate restored) {
        if (!candidate.fits(labels.inputShape())) {
            return ofWrongShape(candidate);
        }
        Evidence evidence = new Evidence(truth, candidate.rows(), null, tolerance);
        if (!candidate.finite()) {
            return of(evidence, List.of(), List.of());
        }
        if (candidate.ignoresOutputGradient()) {
            return ofIgnored(candidate);
        }
        if (!candidate.linear(tolerance)) {
            return of(evidence, List.of(Cause.NOT_LINEAR), List.of(Cause.NOT_LINEAR.title()));
        }
        Evidence after = evidence.with(restored.rows());
        boolean overwritten = after.candidate().distance(evidence.candidate()) > tolerance;
        return overwritten && !evidence.right() ? ofOverwritten(evidence, after) : of(evidence, List.of(), List.of());
    }

    /** The forward pass overwrote what the backward pass reads; other mistakes show once that is undone. */
    private Finding ofOverwritten(Evidence evidence, Evidence restored) {
        List<Cause> observed = List.of(Cause.INPUT_OVERWRITTEN);
        double left = restored.discrepancy() / evidence.discrepancy();
        String removed = Report.percent(1 - left * left);
        String text = Cause.INPUT_OVERWRITTEN.title();
        if (restored.right()) {
            return of(
                    evidence,
                    observed,
                    List.of(text + "; had it been left alone, the gradient would be right: this accounts " + removed));
        }
        Finding rest = of(restored, List.of(), List.of());
        if (rest.verdict() == Verdict.UNEXPLAINED) {
            Finding direct = of(evidence, List.of(), List.of());
            return direct.verdict() == Verdict.UNEXPLAINED ? of(evidence, observed, List.of(text)) : direct;
        }
        return finding(
                evidence,
                observed,
                List.of(text + "; this accounts " + removed + ", and with the input put right:"),
                rest.explanations(),
                null);
    }

    /** It returns the same whatever the output gradient is: judged as the gradient for ones. */
    private Finding ofIgnored(Candidate candidate) {
        double[] ones = new double[truth.rows()];
        Arrays.fill(ones, 1);
        Matrix row = new Matrix(1, truth.columns(), candidate.mixed());
        Evidence evidence = new Evidence(truth, row, ones, tolerance * Math.sqrt(ones.length));
        List<Cause> observed = List.of(Cause.OUTPUT_GRADIENT_IGNORED);
        String text = Cause.OUTPUT_GRADIENT_IGNORED.title();
        if (evidence.right()) {
            return finding(
                    evidence,
                    observed,
                    List.of(text + ": it is right for an output gradient of ones only"),
                    List.of(),
                    null);
        }
        return of(evidence, observed, List.of(text));
    }

    private Finding ofWrongShape(Candidate candidate) {
        String got = "it has the shape " + Arrays.toString(candidate.shape()) + ", the input has "
                + Arrays.toString(labels.inputShape());
        Optional<Partition> sum = candidate.missingSums(labels.inputShape()).stream()
                .min(Comparator.comparingDouble(p -> candidate.summed(p).distance(truth)));
        if (sum.isEmpty()) {
            Matrix nothing = truth.times(0);
            return finding(
                    new Evidence(truth, nothing, null, tolerance),
                    List.of(Cause.WRONG_SHAPE),
                    List.of(Cause.WRONG_SHAPE.title() + ": " + got),
                    List.of(),
                    null);
        }
        String text =
                Cause.BROADCAST_SUM_MISSING.title() + ": sum over " + sum.get().describe() + "; " + got;
        Evidence summed = new Evidence(truth, candidate.summed(sum.get()), null, tolerance);
        return of(summed, List.of(Cause.BROADCAST_SUM_MISSING), List.of(text));
    }

    /** What evidence shows beside what has been observed. */
    Finding of(Evidence evidence, List<Cause> observed, List<String> texts) {
        if (evidence.right()) {
            return finding(evidence, observed, texts, List.of(), null);
        }
        Explainer explainer = new Explainer(evidence, backward, labels.outputShape(), labels.inputShape());
        boolean hopeless = observed.contains(Cause.NOT_LINEAR) || observed.contains(Cause.INPUT_OVERWRITTEN);
        List<Explanation> explanations = hopeless ? List.of() : explainer.best();
        return finding(evidence, observed, texts, explanations, explainer.closest());
    }

    private Finding finding(
            Evidence evidence,
            List<Cause> observed,
            List<String> texts,
            List<Explanation> explanations,
            Explanation closest) {
        if (evidence.right() && observed.isEmpty()) {
            return new Finding(
                    name,
                    Verdict.RIGHT,
                    observed,
                    List.of(),
                    evidence,
                    labels,
                    Report.right(name, evidence, blindSpot()));
        }
        String text = Report.wrong(name, evidence, labels, texts, explanations, closest, backward);
        return new Finding(name, verdict(observed, explanations), observed, explanations, evidence, labels, text);
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
        boolean ones = scaled != null
                && scaled.kind() != Statistic.SUM
                && Arrays.stream(scaled.gamma()).allMatch(g -> Math.abs(g - 1) < 1e-6);
        return ones ? "γ is 1 in these data: a missing γ would not show" : "";
    }
}
