package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
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
 * Diagnosis diagnosis = GradientDoctor.of(x -> x.div(x.sumNumber()), (x, dy) -> ...).examineShapes(5);
 * System.out.println(diagnosis);
 * diagnosis.of("x").writePicture(Path.of("dx.png"));
 * }</pre>
 *
 * <p>BatchNorm in training, LayerNorm, GroupNorm, InstanceNorm, RMSNorm, x/‖x‖ and x/Σx are recognised in the forward
 * pass, with their axes and ε, and γ and β among the further inputs. The ε of x/√max(Σx², ε) is not seen where Σx² is
 * larger, and must be {@linkplain #expecting said} where it is not. x/√(Σx²+ε) is recognised as the RMSNorm that it is,
 * whose γ is 1/√M and whose ε is ε/M.
 *
 * <p>Works in double. Of arrays whose Jacobian has more than 2<sup>18</sup> elements some groups are examined, which some
 * hundred elements are enough for, and all derivatives together by random projections.
 */
public final class GradientDoctor {
    private static final String WHO = "GradientDoctor";
    private static final int MAX_ELEMENTS = 1 << 18;
    private static final long SEED = 42;

    /** How many other points are tried, and how far away, in units of the spread of an input. */
    private static final int OTHER_POINTS = 3;

    private static final double NEARBY = 0.01;

    private final Differentiable function;
    private @Nullable KnownNorm norm;

    private GradientDoctor(Differentiable function) {
        this.function = new CheckedFunction(WHO, function);
    }

    /**
     * A doctor for a function with one output.
     *
     * @param function forward and backward pass
     * @return the doctor
     * @throws IllegalArgumentException if it is null
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
     * @throws IllegalArgumentException if one is null
     */
    public static GradientDoctor of(UnaryOperator<INDArray> forward, BinaryOperator<INDArray> backward) {
        return of(Differentiable.of(forward, backward));
    }

    /**
     * Says what the forward pass is meant to be.
     *
     * @param known the normalization
     * @return this
     * @throws IllegalArgumentException if it is null
     */
    public GradientDoctor expecting(KnownNorm known) {
        if (known == null) {
            throw new IllegalArgumentException(WHO + ": expected a normalization, got null");
        }
        norm = known;
        return this;
    }

    /**
     * Examines with data of the doctor's own, all elements different, so that every mistake shows: positive ones, and if
     * the gradients are right there, data of both signs. The report says on which data a gradient was right: a function
     * may be undefined on some of them.
     *
     * @param shapes the shape of each input; for a normalization of x, gamma and beta in this order
     * @return what was found, on the first data that show something wrong
     * @throws IllegalArgumentException as {@link #examine} does
     */
    public Diagnosis examineShapes(long[]... shapes) {
        checkShapes(shapes);
        List<SampleData> right = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        Diagnosis undecided = null;
        Diagnosis best = null;
        IllegalArgumentException refused = null;
        for (SampleData data : SampleData.values()) {
            try {
                Diagnosis next = diagnose(!right.isEmpty(), data.of(shapes));
                if (next.wrong()) {
                    Diagnosis wrong = next.on(data.title());
                    return right.isEmpty()
                            ? wrong
                            : wrong.noting(List.of("right on " + titles(right) + ", wrong on " + data.title()));
                } else if (next.healthy()) {
                    right.add(data);
                    best = best == null ? next : best;
                } else {
                    skipped.add("not judged on " + data.title() + ", as derivatives cannot be told there");
                    undecided = undecided == null ? next.on(data.title()) : undecided;
                }
            } catch (IllegalArgumentException e) {
                skipped.add("not judged on " + data.title() + ": " + e.getMessage());
                refused = refused == null ? e : refused;
            }
        }
        if (best != null) {
            return best.noting(skipped).on(titles(right));
        }
        if (undecided == null) {
            throw refused;
        }
        return undecided;
    }

    /**
     * Examines a function of one array with data of the doctor's own.
     *
     * @param shape the shape of x: {@code examineShapes(4, 3)}
     * @return what was found
     * @throws IllegalArgumentException as {@link #examine} does
     */
    public Diagnosis examineShapes(long... shape) {
        return examineShapes(new long[][] {shape});
    }

    private static void checkShapes(long[]... shapes) {
        if (shapes == null || shapes.length == 0) {
            throw new IllegalArgumentException(
                    WHO + ": expected at least one shape, got " + (shapes == null ? null : "none"));
        }
        for (long[] shape : shapes) {
            if (shape == null || Arrays.stream(shape).anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException(
                        WHO + ": expected shapes of sizes > 0, got " + Arrays.toString(shape));
            }
        }
    }

    private static String titles(List<SampleData> data) {
        String titles =
                String.join(", and on ", data.stream().map(SampleData::title).toList());
        return data.size() < SampleData.values().length ? titles + " only" : titles;
    }

    /**
     * Examines the gradients of all inputs. Where the derivatives cannot be told, because a kink or a pole is too near,
     * a point nearby is examined in its place, and the report says so.
     *
     * @param inputs where, DOUBLE; for a normalization x, gamma and beta in this order
     * @return what was found
     * @throws IllegalArgumentException if an input or gradient is null or not DOUBLE, there is not exactly one output, or
     *     a pass throws or returns nothing
     */
    public Diagnosis examine(INDArray... inputs) {
        checkInputs(inputs);
        return diagnose(false, inputs).on(SampleData.describe(inputs[0]));
    }

    private static void checkInputs(INDArray... inputs) {
        if (inputs == null || inputs.length == 0) {
            throw new IllegalArgumentException(
                    WHO + ": expected at least one input, got " + (inputs == null ? null : "none"));
        }
    }

    /**
     * @param quick whether projections are enough for a large array, if they are right
     */
    private Diagnosis diagnose(boolean quick, INDArray... inputs) {
        INDArray output = checkedOutput(function, inputs);
        boolean large = Arrays.stream(inputs).anyMatch(x -> x.length() * output.length() > MAX_ELEMENTS);
        if (!large) {
            return diagnose(function, norm, inputs);
        }
        LargeExamination all = LargeExamination.of(function, output, inputs);
        String forward =
                "a function of " + Arrays.toString(inputs[0].shape()) + " to " + Arrays.toString(output.shape());
        Excerpt part = quick && all.right() ? null : Excerpt.of(function, inputs, output, MAX_ELEMENTS);
        if (part == null) {
            return all.diagnosis(forward);
        }
        // Statistics that are given are given for all groups, not for those of the part.
        KnownNorm known = norm == null || norm.spec().statistic().isGiven() ? null : norm;
        return all.diagnosis(diagnose(part, known, part.small()), part.describe());
    }

    private static Diagnosis diagnose(Differentiable function, @Nullable KnownNorm norm, INDArray... inputs) {
        Examination here = Examination.of(function, checkedOutput(function, inputs), inputs);
        if (here.sufficient() || !here.repeatable() || !here.gradientsAreFinite()) {
            return here.diagnosis(norm, List.of());
        }
        Random random = new Random(SEED);
        for (int k = 0; k < OTHER_POINTS; k++) {
            INDArray[] nearby = Arrays.stream(inputs).map(x -> near(x, random)).toArray(INDArray[]::new);
            Examination there = Examination.of(function, checkedOutput(function, nearby), nearby);
            if (there.sufficient()) {
                return there.diagnosis(
                        norm,
                        List.of("the inputs cannot be judged as they are, as " + here.doubt()
                                + "; examined at a point nearby"));
            }
        }
        return here.diagnosis(norm, List.of());
    }

    /** Every element moved by about a hundredth of their spread. */
    private static INDArray near(INDArray x, Random random) {
        double[] values = Elements.of(x);
        double by = NEARBY * Slope.spread(values);
        Arrays.setAll(values, j -> values[j] + by * (random.nextBoolean() ? 1 : -1) * (0.5 + random.nextDouble()));
        return Elements.array(values, x.shape());
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
        INDArray output = checkedOutput(doctor.function, x);
        if (output.length() * x.length() > MAX_ELEMENTS) {
            throw new IllegalArgumentException(WHO + ": expected a Jacobian of at most " + MAX_ELEMENTS
                    + " elements, got " + output.length() * x.length() + "; smaller shapes show the same mistakes");
        }
        checkLike("dy", "y", output, dy);
        checkLike("dx", "x", x, dx);
        return Examination.of(doctor.function, output, x).diagnosisOf(dx, dy).on(SampleData.describe(x));
    }

    private static void checkLike(String name, String of, INDArray expected, INDArray actual) {
        Elements.checkDouble(WHO, name, actual);
        if (!Arrays.equals(expected.shape(), actual.shape())) {
            throw new IllegalArgumentException(WHO + ": expected " + name + " of the shape of " + of + ", "
                    + Arrays.toString(expected.shape()) + ", got " + Arrays.toString(actual.shape()));
        }
    }

    private static INDArray checkedOutput(Differentiable function, INDArray... inputs) {
        for (int n = 0; n < inputs.length; n++) {
            Elements.checkDouble(WHO, "input " + n, inputs[n]);
        }
        INDArray[] outputs = function.forward(Elements.copies(inputs)).outputs();
        if (outputs.length != 1) {
            throw new IllegalArgumentException(WHO + ": expected one output, got " + outputs.length);
        }
        Elements.checkDouble(WHO, "the output", outputs[0]);
        if (!Arrays.stream(Elements.of(outputs[0])).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(WHO + ": the forward pass gives NaN or infinity for these inputs");
        }
        return outputs[0].dup();
    }
}
