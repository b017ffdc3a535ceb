package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Finding.Shapes;
import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.commons.math3.linear.RealMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An examination of arrays that are too large for a whole Jacobian: some groups are examined, and all of it by random
 * projections.
 *
 * @param repeatable whether a second forward pass gave the same
 * @param projections some for each input
 * @param effects what is modified in place
 */
record LargeExamination(boolean repeatable, List<List<Projection>> projections, SideEffects effects) {
    private static final int PROJECTIONS = 3;
    private static final long SEED = 42;

    /** Projects the Jacobians of a function with one output. */
    static LargeExamination of(Differentiable function, INDArray output, INDArray... inputs) {
        Random random = new Random(SEED);
        List<String> names = new ArrayList<>();
        List<List<Projection>> projections = new ArrayList<>();
        for (int n = 0; n < inputs.length; n++) {
            names.add(name(n));
        }
        double[] dy = random.doubles(output.length()).toArray();
        SideEffects effects =
                SideEffects.of(function, Arrays.asList(inputs), names, Elements.array(dy, output.shape()));
        for (int n = 0; n < inputs.length; n++) {
            INDArray gradient = n < effects.gradients().length ? effects.gradients()[n] : null;
            // One of a wrong shape has no projection.
            boolean fits = gradient == null || Arrays.equals(gradient.shape(), inputs[n].shape());
            List<Projection> ofInput = new ArrayList<>();
            for (int p = 0; fits && p < PROJECTIONS; p++) {
                ofInput.add(Projection.of(function, inputs, 0, n, random));
            }
            projections.add(ofInput);
        }
        INDArray again = function.forward(Elements.copies(inputs)).outputs()[0];
        return new LargeExamination(Elements.same(output, again), projections, effects);
    }

    private static String name(int n) {
        return n == 0 ? "x" : "input " + n;
    }

    /** Whether nothing is wrong, as far as projections tell. */
    boolean right() {
        return effects.byForward().isEmpty()
                && effects.byBackward().isEmpty()
                && projections.stream()
                        .allMatch(of -> !of.isEmpty() && of.stream().allMatch(LargeExamination::right));
    }

    private static boolean right(Projection projection) {
        return projection.right(Precision.ROUNDING);
    }

    /** What projections alone say. */
    Diagnosis diagnosis(String forward) {
        List<Finding> findings = new ArrayList<>();
        for (int n = 0; n < projections.size(); n++) {
            findings.add(finding(name(n), n, "derivatives were projected only"));
        }
        return with(new Diagnosis(forward, findings, List.of(), List.of()));
    }

    /** What is known together with a part that has been examined. */
    Diagnosis diagnosis(Diagnosis ofPart, String part) {
        List<Finding> findings = new ArrayList<>();
        for (int n = 0; n < projections.size(); n++) {
            Finding found = ofPart.findings().get(n);
            boolean open = found.verdict() == Verdict.RIGHT || found.verdict() == Verdict.UNDECIDED;
            boolean confirmed = found.verdict() == Verdict.RIGHT
                    && projections.get(n).stream().allMatch(LargeExamination::right);
            findings.add(
                    open && !confirmed
                            ? finding(
                                    found.input(),
                                    n,
                                    "those of " + part + " are "
                                            + (found.verdict() == Verdict.RIGHT ? "right" : "not known"))
                            : found);
        }
        String note = "too large for all derivatives: those of " + part + " were examined, all by random projections";
        return with(
                new Diagnosis(ofPart.forward(), findings, ofPart.sideEffects(), ofPart.notes()).noting(List.of(note)));
    }

    private Diagnosis with(Diagnosis diagnosis) {
        Set<Cause> causes = new LinkedHashSet<>(diagnosis.sideEffects());
        Set<String> notes = new LinkedHashSet<>(diagnosis.notes());
        if (!effects.byForward().isEmpty()) {
            causes.add(Cause.FORWARD_MODIFIES_INPUT);
        }
        if (!effects.byBackward().isEmpty()) {
            causes.add(Cause.BACKWARD_MODIFIES_ITS_ARGUMENTS);
        }
        notes.addAll(effects.byForward());
        notes.addAll(effects.byBackward());
        return new Diagnosis(diagnosis.forward(), diagnosis.findings(), List.copyOf(causes), List.copyOf(notes));
    }

    private Finding finding(String name, int n, String scope) {
        List<Projection> of = projections.get(n);
        if (of.isEmpty()) {
            return ofWrongShape(name);
        }
        RealMatrix truth = Matrices.of(of.size(), 1, (p, j) -> of.get(p).numerical());
        RealMatrix analytical = Matrices.of(of.size(), 1, (p, j) -> of.get(p).analytical());
        double[] allowed =
                of.stream().mapToDouble(p -> p.allowed(Precision.ROUNDING)).toArray();
        double all = Math.sqrt(Arrays.stream(allowed).map(a -> a * a).sum());
        Discrepancy discrepancy =
                new Discrepancy(truth, analytical, null, new Precision(allowed, new double[] {all}, all, true));
        Shapes shapes = new Shapes(new long[] {of.size()}, new long[] {1});
        if (of.stream().anyMatch(p -> p.wrong(Precision.ROUNDING))) {
            String text = GradientReport.wrongInProjections(name, discrepancy, scope);
            return new Finding(name, Verdict.UNEXPLAINED, List.of(), List.of(), discrepancy, shapes, text);
        }
        if (of.stream().allMatch(LargeExamination::right)) {
            String text = GradientReport.right(name, discrepancy, scope);
            return new Finding(name, Verdict.RIGHT, List.of(), List.of(), discrepancy, shapes, text);
        }
        String text = GradientReport.undecided(
                name, (repeatable ? "there are kinks or poles near" : Examination.NOT_REPEATABLE) + "; " + scope);
        return new Finding(name, Verdict.UNDECIDED, List.of(), List.of(), discrepancy, shapes, text);
    }

    /** There is nothing to compare. */
    private static Finding ofWrongShape(String name) {
        RealMatrix nothing = Matrices.ofRows(new double[] {Double.NaN});
        Precision none = new Precision(new double[1], new double[1], 0, true);
        return new Finding(
                name,
                Verdict.EXPLAINED,
                List.of(Cause.WRONG_SHAPE),
                List.of(),
                new Discrepancy(nothing, nothing, null, none),
                new Shapes(new long[] {1}, new long[] {1}),
                GradientReport.wrongForm(name, Cause.WRONG_SHAPE.title(), null));
    }
}
