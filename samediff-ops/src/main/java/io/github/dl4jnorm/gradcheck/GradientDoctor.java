package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Finding.Shapes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Says what is wrong with a backward pass, not only that it is.
 *
 * <p>The doctor takes the true Jacobian from extrapolated differences of the forward pass, and the analytical one from
 * the backward pass. If they differ, it tries explanations: each predicts the Jacobian that a backward pass with a
 * certain mistake, or two, would have. One that accounts for all of the discrepancy is named; of several the simplest
 * one; if equally simple ones do, all of them. If none does, the doctor says so.
 *
 * <pre>{@code
 * Diagnosis diagnosis = GradientDoctor.of(x -> x.div(x.sumNumber()), (x, dy) -> ...).examineShapes(new long[] {5});
 * System.out.println(diagnosis);
 * diagnosis.of("x").writePicture(Path.of("dx.png"));
 * }</pre>
 *
 * <p>BatchNorm in training, LayerNorm, GroupNorm, InstanceNorm, RMSNorm, x/‖x‖ and x/Σx are recognised in the forward
 * pass, with their axes and ε, and γ and β among the further inputs. Only γ·x/√(Σx²+ε) looks like an RMSNorm, whose γ is
 * γ/√M and whose ε is ε/M, unless it is {@linkplain #expecting said} to be one or the other.
 *
 * <p>Works in double, and with Jacobians of up to 2<sup>18</sup> elements: some hundred elements show every mistake.
 */
public final class GradientDoctor {
    private static final String WHO = "GradientDoctor";
    private static final int MAX_ELEMENTS = 1 << 18;
    private static final long SEED = 42;

    private final Differentiable function;
    private KnownNorm norm;

    private GradientDoctor(Differentiable function) {
        this.function = function;
    }

    /**
     * A doctor for a function with one output.
     *
     * @param function forward and backward pass
     * @return the doctor
     */
    public static GradientDoctor of(Differentiable function) {
        return new GradientDoctor(function);
    }

    /**
     * A doctor for a function of one array, whose backward pass needs its input only.
     *
     * @param forward x → y
     * @param backward (x, dy) → dx
     * @return the doctor
     */
    public static GradientDoctor of(UnaryOperator<INDArray> forward, BinaryOperator<INDArray> backward) {
        return of(Differentiable.of(forward, backward));
    }

    /**
     * Says what the forward pass is meant to be.
     *
     * @param known the normalization
     * @return this
     */
    public GradientDoctor expecting(KnownNorm known) {
        norm = known;
        return this;
    }

    /**
     * Examines with data of the doctor's own: between 0.5 and 2.5, all different, so that every mistake shows.
     *
     * @param shapes the shape of each input; for a normalization of x, gamma and beta in this order
     * @return what was found
     * @throws IllegalArgumentException as {@link #examine} does
     */
    public Diagnosis examineShapes(long[]... shapes) {
        Random random = new Random(SEED);
        return examine(Arrays.stream(shapes)
                .map(shape -> Elements.array(
                        random.doubles(Elements.length(shape), 0.5, 2.5).toArray(), shape))
                .toArray(INDArray[]::new));
    }

    /**
     * Examines the gradients of all inputs.
     *
     * @param inputs where, DOUBLE; for a normalization x, gamma and beta in this order
     * @return what was found
     * @throws IllegalArgumentException if an input or gradient is not DOUBLE, there is not exactly one output, or the
     *     Jacobian is too large
     */
    public Diagnosis examine(INDArray... inputs) {
        if (inputs.length == 0) {
            throw new IllegalArgumentException(WHO + ": expected at least one input, got none");
        }
        INDArray output = checkedOutput(inputs);
        double[] y = Elements.of(output);
        List<Derivatives> derivatives = new ArrayList<>();
        for (int n = 0; n < inputs.length; n++) {
            derivatives.add(differentiate(n, inputs));
        }
        Recognition recognition = recognise(derivatives, inputs[0], output);

        List<BackwardFormula> backwards = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int n = 0; n < inputs.length; n++) {
            BackwardFormula backward = backward(n, derivatives.get(n).values(), recognition.norm, output.shape());
            backwards.add(backward);
            names.add(name(n, backward, names));
        }

        SideEffects effects = SideEffects.of(
                function,
                Arrays.asList(inputs),
                names,
                Elements.array(new Random(SEED).doubles(y.length).toArray(), output.shape()));
        List<Cause> sideEffects = new ArrayList<>();
        List<String> notes = new ArrayList<>(recognition.notes);
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
            double tolerance = Discrepancy.tolerance(derivatives.get(n), Elements.of(inputs[n]), y);
            Matrix truth = derivatives.get(n).values();
            GradientComparison comparison = new GradientComparison(
                    names.get(n),
                    truth,
                    tolerance,
                    backwards.get(n),
                    new Shapes(output.shape(), inputs[n].shape()),
                    n == 0 && gammaSeen ? recognition.norm : null);
            findings.add(comparison.of(analytical.get(n), restored.get(n)));
        }
        return new Diagnosis(recognition.text, findings, sideEffects, notes);
    }

    /**
     * Judges a gradient without its backward pass. One gradient tells less than a backward pass: explanations may be
     * ambiguous.
     *
     * @param forward x → y
     * @param x the input, DOUBLE
     * @param dy gradient of the output; ones for what {@code grad} of a framework starts from
     * @param dx the gradient of x to be judged, of the shape of x
     * @return what was found
     * @throws IllegalArgumentException if an array is not DOUBLE or has a wrong shape, or the Jacobian is too large
     */
    public static Diagnosis judge(UnaryOperator<INDArray> forward, INDArray x, INDArray dy, INDArray dx) {
        GradientDoctor doctor = of(forward, (in, gradient) -> dx);
        INDArray output = doctor.checkedOutput(x);
        checkLike("dy", "y", output, dy);
        checkLike("dx", "x", x, dx);
        Derivatives derivatives = doctor.differentiate(0, x);
        Recognition recognition = doctor.recognise(List.of(derivatives), x, output);
        BackwardFormula backward = doctor.backward(0, derivatives.values(), recognition.norm, output.shape());
        double[] weights = Elements.of(dy);
        double tolerance = Discrepancy.tolerance(derivatives, Elements.of(x), Elements.of(output))
                * dy.norm2Number().doubleValue();
        Discrepancy discrepancy = new Discrepancy(
                derivatives.values(), new Matrix(1, Math.toIntExact(x.length()), Elements.of(dx)), weights, tolerance);
        GradientComparison comparison = new GradientComparison(
                "x", derivatives.values(), tolerance, backward, new Shapes(output.shape(), x.shape()), null);
        return new Diagnosis(
                recognition.text,
                List.of(comparison.of(discrepancy, List.of(), List.of())),
                List.of(),
                recognition.notes);
    }

    private static void checkLike(String name, String of, INDArray expected, INDArray actual) {
        Elements.checkDouble(WHO, name, actual);
        if (!Arrays.equals(expected.shape(), actual.shape())) {
            throw new IllegalArgumentException(WHO + ": expected " + name + " of the shape of " + of + ", "
                    + Arrays.toString(expected.shape()) + ", got " + Arrays.toString(actual.shape()));
        }
    }

    private INDArray checkedOutput(INDArray... inputs) {
        for (int n = 0; n < inputs.length; n++) {
            Elements.checkDouble(WHO, "input " + n, inputs[n]);
        }
        INDArray[] outputs = function.forward(Elements.copies(inputs)).outputs();
        if (outputs.length != 1) {
            throw new IllegalArgumentException(WHO + ": expected one output, got " + outputs.length);
        }
        Elements.checkDouble(WHO, "the output", outputs[0]);
        for (INDArray input : inputs) {
            long elements = outputs[0].length() * input.length();
            if (elements > MAX_ELEMENTS) {
                throw new IllegalArgumentException(WHO + ": expected a Jacobian of at most " + MAX_ELEMENTS
                        + " elements, got " + elements + "; smaller shapes show the same mistakes");
            }
        }
        return outputs[0].dup();
    }

    private Derivatives differentiate(int n, INDArray... inputs) {
        Derivatives derivatives = Derivatives.extrapolated(
                x -> {
                    INDArray[] at = Elements.copies(inputs);
                    at[n] = x;
                    return Elements.of(function.forward(at).outputs()[0]);
                },
                inputs[n]);
        if (!Double.isFinite(derivatives.values().norm())) {
            throw new IllegalArgumentException(WHO + ": the forward pass gives NaN or infinity near these inputs");
        }
        return derivatives;
    }

    /** What the forward pass is, if that is known. */
    private record Recognition(String text, NormStructure norm, List<String> notes) {}

    private Recognition recognise(List<Derivatives> all, INDArray x, INDArray output) {
        Derivatives byX = all.get(0);
        if (!Arrays.equals(x.shape(), output.shape())) {
            return new Recognition(unknown(x, output), null, List.of());
        }
        if (byX.values().norm() <= Discrepancy.tolerance(byX, Elements.of(x), Elements.of(output))) {
            String constant = "a function of " + Arrays.toString(x.shape())
                    + " that does not depend on x, like a normalization that subtracts the mean of a single element";
            return new Recognition(constant, null, List.of());
        }
        List<double[]> weights = all.stream()
                .skip(1)
                .map(derivatives -> ParameterUse.of(derivatives.values(), output.shape()))
                .filter(Objects::nonNull)
                .map(ParameterUse::weight)
                .toList();
        ForwardSample sample = new ForwardSample(byX.values(), x.shape(), Elements.of(x), Elements.of(output), weights);
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
                .orElseGet(() -> new Recognition(unknown(x, output), null, notes));
    }

    private static String unknown(INDArray x, INDArray output) {
        return "a function of " + Arrays.toString(x.shape()) + " to " + Arrays.toString(output.shape())
                + " that is not known here";
    }

    private BackwardFormula backward(int n, Matrix jacobian, NormStructure structure, long... outputShape) {
        if (n > 0) {
            return ParameterFormula.recognise(jacobian, structure, outputShape);
        }
        return structure == null ? null : structure.formula();
    }

    private static String name(int n, BackwardFormula backward, List<String> taken) {
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
