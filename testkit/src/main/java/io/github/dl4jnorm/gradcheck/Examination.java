package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Finding.Shapes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One look at a function at one point: its true derivatives, how well they are known, and what its forward pass is.
 *
 * @param function the function
 * @param inputs the point
 * @param output the value there
 * @param repeatable whether a second forward pass gave the same
 * @param derivatives the true derivatives by each input
 * @param precisions how well they are known
 */
record Examination(
        Differentiable function,
        INDArray[] inputs,
        INDArray output,
        boolean repeatable,
        List<Derivatives> derivatives,
        List<Precision> precisions) {
    private static final long SEED = 42;
    static final String NOT_REPEATABLE = "the forward pass gives other numbers when it is run again";

    /** Differentiates a function with one output. */
    static Examination of(Differentiable function, INDArray output, INDArray... inputs) {
        INDArray again = function.forward(Elements.copies(inputs)).outputs()[0];
        List<Derivatives> derivatives = new ArrayList<>();
        List<Precision> precisions = new ArrayList<>();
        double[] y = Elements.of(output);
        for (int n = 0; n < inputs.length; n++) {
            int moved = n;
            Derivatives of = Derivatives.extrapolated(
                    x -> {
                        INDArray[] at = Elements.copies(inputs);
                        at[moved] = x;
                        return Elements.of(function.forward(at).outputs()[0]);
                    },
                    inputs[n]);
            derivatives.add(of);
            precisions.add(Precision.of(of, Elements.of(inputs[n]), y));
        }
        return new Examination(function, inputs, output, Elements.same(output, again), derivatives, precisions);
    }

    /** Whether the derivatives by all inputs are known well enough for a verdict. */
    boolean sufficient() {
        return precisions.stream().allMatch(Precision::sufficient);
    }

    /** Whether the backward pass gives numbers here. */
    boolean gradientsAreFinite() {
        return AnalyticalJacobian.of(function, inputs, output.shape(), false).stream()
                .allMatch(AnalyticalJacobian::finite);
    }

    /** What the derivatives by an input suffer from. */
    String doubt(int n) {
        if (!repeatable) {
            return NOT_REPEATABLE;
        }
        String obstacles = derivatives.get(n).obstacles(n == 0 ? "x" : "input " + n, inputs[n].shape());
        return obstacles.isEmpty() ? "differences of the forward pass are lost in rounding" : "there is " + obstacles;
    }

    /** The first doubt that prevents a verdict. */
    String doubt() {
        return IntStream.range(0, inputs.length)
                .filter(n -> !precisions.get(n).sufficient())
                .mapToObj(this::doubt)
                .findFirst()
                .orElse("");
    }

    /** Compares all gradients with the true ones. */
    Diagnosis diagnosis(@Nullable KnownNorm norm, List<String> remarks) {
        double[] y = Elements.of(output);
        Recognition recognition = recognise(norm);
        List<@Nullable BackwardFormula> backwards = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int n = 0; n < inputs.length; n++) {
            BackwardFormula backward = backward(n, recognition.norm);
            backwards.add(backward);
            names.add(name(n, backward, names));
        }

        SideEffects effects = SideEffects.of(
                function,
                Arrays.asList(inputs),
                names,
                Elements.array(new Random(SEED).doubles(y.length).toArray(), output.shape()));
        List<Cause> sideEffects = new ArrayList<>();
        List<String> notes = new ArrayList<>(remarks);
        if (!repeatable && sufficient()) {
            notes.add(NOT_REPEATABLE);
        }
        for (int n = 0; n < inputs.length; n++) {
            String obstacles = derivatives.get(n).obstacles(names.get(n), inputs[n].shape());
            if (!obstacles.isEmpty() && repeatable && precisions.get(n).sufficient()) {
                notes.add("there is " + obstacles + "; smaller steps were taken there");
            }
        }
        notes.addAll(recognition.notes);
        addSideEffect(sideEffects, notes, Cause.FORWARD_MODIFIES_INPUT, effects.byForward());
        addSideEffect(sideEffects, notes, Cause.BACKWARD_MODIFIES_ITS_ARGUMENTS, effects.byBackward());

        List<AnalyticalJacobian> analytical = AnalyticalJacobian.of(function, inputs, output.shape(), false);
        List<AnalyticalJacobian> restored = effects.byForward().isEmpty()
                ? analytical
                : AnalyticalJacobian.of(function, inputs, output.shape(), true);
        boolean gammaSeen = backwards.stream()
                .anyMatch(b -> b instanceof ParameterFormula p && p.role() == ParameterFormula.Role.GAMMA);
        List<Finding> findings = new ArrayList<>();
        for (int n = 0; n < inputs.length; n++) {
            GradientComparison comparison =
                    comparison(n, names.get(n), backwards.get(n), n == 0 && gammaSeen ? recognition.norm : null);
            findings.add(comparison.of(analytical.get(n), restored.get(n)));
        }
        return new Diagnosis(recognition.text, findings, sideEffects, notes);
    }

    /** Compares one gradient of the first input, for one output gradient, with the true one. */
    Diagnosis diagnosisOf(INDArray dx, INDArray dy) {
        Recognition recognition = recognise(null);
        double[] weights = Elements.of(dy);
        Discrepancy discrepancy = new Discrepancy(
                derivatives.get(0).values(),
                Matrices.ofRows(Elements.of(dx)),
                weights,
                precisions.get(0).weighted(weights));
        Finding finding =
                comparison(0, "x", backward(0, recognition.norm), null).of(discrepancy, List.of(), List.of());
        return new Diagnosis(recognition.text, List.of(finding), List.of(), recognition.notes);
    }

    private GradientComparison comparison(
            int n, String name, @Nullable BackwardFormula backward, @Nullable NormStructure scaled) {
        return new GradientComparison(
                name,
                derivatives.get(n).values(),
                precisions.get(n),
                backward,
                new Shapes(output.shape(), inputs[n].shape()),
                scaled,
                doubt(n));
    }

    /** What the forward pass is, if that is known. */
    private record Recognition(String text, @Nullable NormStructure norm, List<String> notes) {}

    private Recognition recognise(@Nullable KnownNorm norm) {
        INDArray x = inputs[0];
        RealMatrix jacobian = derivatives.get(0).values();
        if (!precisions.get(0).sufficient() || !Arrays.equals(x.shape(), output.shape())) {
            return new Recognition(unknown(), null, List.of());
        }
        if (jacobian.getFrobeniusNorm() <= precisions.get(0).all()) {
            String constant = "a function of " + Arrays.toString(x.shape())
                    + " that does not depend on x, like a normalization that subtracts the mean of a single element";
            return new Recognition(constant, null, List.of());
        }
        List<double[]> weights = derivatives.stream()
                .skip(1)
                .map(by -> ParameterUse.of(by.values(), output.shape()))
                .filter(Objects::nonNull)
                .map(ParameterUse::weight)
                .toList();
        ForwardSample sample = new ForwardSample(jacobian, x.shape(), Elements.of(x), Elements.of(output), weights);
        List<String> notes = new ArrayList<>();
        Optional<NormStructure> found = Optional.empty();
        if (norm != null) {
            found = NormRecognition.verify(sample, norm);
            if (found.isEmpty()) {
                notes.add("the forward pass is not "
                        + KnownNorm.name(norm.spec())
                        + " as declared: its derivatives are others");
            }
        }
        if (found.isEmpty()) {
            found = NormRecognition.recognise(sample);
        }
        return found.map(structure -> new Recognition(structure.describe(), structure, notes))
                .orElseGet(() -> new Recognition(unknown(), null, notes));
    }

    private String unknown() {
        return "a function of " + Arrays.toString(inputs[0].shape()) + " to " + Arrays.toString(output.shape())
                + " that is not known here";
    }

    private @Nullable BackwardFormula backward(int n, @Nullable NormStructure structure) {
        if (n > 0) {
            return ParameterFormula.recognise(derivatives.get(n).values(), structure, output.shape());
        }
        return structure == null ? null : structure.formula();
    }

    private static String name(int n, @Nullable BackwardFormula backward, List<String> taken) {
        if (n == 0) {
            return "x";
        }
        if (backward instanceof ParameterFormula parameter
                && parameter.role() != ParameterFormula.Role.OTHER
                && !taken.contains(parameter.role().title())) {
            return parameter.role().title();
        }
        return "input " + n;
    }

    private static void addSideEffect(List<Cause> causes, List<String> notes, Cause cause, List<String> changes) {
        if (!changes.isEmpty()) {
            causes.add(cause);
            notes.addAll(changes);
        }
    }
}
