package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.gradcheck.GradCheckReport.Mismatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Checks a backward pass against differences of its forward pass, at least as strictly as PyTorch's {@code gradcheck}:
 *
 * <ul>
 *   <li>every derivative of every output by every input: |yours − true| ≤ rtol·|true| + atol·min(1, size), where the size
 *       is that of the largest derivative of that output or by that input, the smaller of both: a gradient of 1e-6 has to
 *       be as exact as one of 1;
 *   <li>the true derivative comes from differences extrapolated to step zero, with an estimate of their error; where that
 *       is too large, because a kink or a pole is near, nothing is said and the check does not pass;
 *   <li>gradients have the type and shape of their inputs;
 *   <li>forward and backward give the same bits when run again;
 *   <li>a zero output gradient gives zero input gradients, exactly;
 *   <li>the forward pass leaves its inputs alone; the backward pass leaves inputs, outputs, saved arrays and output
 *       gradients alone.
 * </ul>
 *
 * <pre>{@code
 * GradCheck.of(batchNorm).input("x", x).input("gamma", gamma).assertPasses();
 * }</pre>
 *
 * <p>The fast mode compares random projections of the Jacobian instead of its elements, for arrays that are too large
 * for a whole one.
 */
public final class GradCheck {
    private static final String WHO = "GradCheck";

    private final Differentiable function;
    private final List<String> names = new ArrayList<>();
    private final List<INDArray> inputs = new ArrayList<>();
    private double atol = 1e-5;
    private double rtol = 1e-3;
    private int projections;
    private long seed;

    private GradCheck(Differentiable function) {
        this.function = new CheckedFunction(WHO, function);
    }

    /**
     * A check, of all derivatives, with atol 1e-5 and rtol 1e-3.
     *
     * @param function what to check
     * @return the check, without inputs
     * @throws IllegalArgumentException if it is null
     */
    public static GradCheck of(Differentiable function) {
        return new GradCheck(function);
    }

    /**
     * Adds an input.
     *
     * @param name its name, for messages
     * @param value where to check, DOUBLE
     * @return this
     * @throws IllegalArgumentException if the name is null, or the value is null, not DOUBLE or empty
     */
    public GradCheck input(String name, INDArray value) {
        if (name == null) {
            throw new IllegalArgumentException(WHO + ": expected a name for input " + inputs.size() + ", got null");
        }
        Elements.checkDouble(WHO, name, value);
        names.add(name);
        inputs.add(value);
        return this;
    }

    /**
     * Sets what is allowed: |yours − true| ≤ relative·|true| + absolute·min(1, size), with the size of the largest
     * derivative beside it.
     *
     * @param absolute tolerance of derivatives that are small beside others, ≥ 0
     * @param relative relative tolerance, ≥ 0
     * @return this
     * @throws IllegalArgumentException if one is negative or no number
     */
    public GradCheck tolerances(double absolute, double relative) {
        if (!(absolute >= 0) || !(relative >= 0)) {
            throw new IllegalArgumentException(
                    WHO + ": expected tolerances >= 0, got atol " + absolute + " and rtol " + relative);
        }
        atol = absolute;
        rtol = relative;
        return this;
    }

    /**
     * Checks random projections Σ v_i·∂y_i/∂x_j·u_j, with u_j = ±1 and |v| = 1, in place of all derivatives: some 14
     * forward passes and one backward pass each, whatever the size. Allowed is |yours − true| ≤ (rtol + atol)·size, with
     * the size that such a projection has on average.
     *
     * @param count projections per output and input, at least 1
     * @param randomSeed which ones
     * @return this
     * @throws IllegalArgumentException if the count is not positive
     */
    public GradCheck fast(int count, long randomSeed) {
        if (count < 1) {
            throw new IllegalArgumentException(WHO + ": expected at least one projection, got " + count);
        }
        projections = count;
        seed = randomSeed;
        return this;
    }

    /**
     * Checks, and throws if something is wrong.
     *
     * @throws AssertionError with the whole report, if a check fails
     */
    public void assertPasses() {
        check().assertPasses();
    }

    /**
     * {@return what was found}
     *
     * @throws IllegalArgumentException if there is no input, an output is not DOUBLE, a pass throws or returns nothing,
     *     or the Jacobian is too large
     */
    public GradCheckReport check() {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException(WHO + ": expected at least one input, got none");
        }
        GradCheckReport report = new GradCheckReport(names);
        INDArray[] outputs = checkForward(report);
        // A gradient that is missing or of the wrong shape cannot be compared.
        if (checkBackward(report, outputs)) {
            for (int k = 0; k < outputs.length; k++) {
                for (int n = 0; n < inputs.size(); n++) {
                    if (projections > 0) {
                        compareProjections(report, k, n);
                    } else {
                        compareAll(report, outputs[k], k, n);
                    }
                }
            }
        }
        return report;
    }

    private INDArray[] freshInputs() {
        return Elements.copies(inputs.toArray(INDArray[]::new));
    }

    /** Runs the forward pass twice; returns its outputs. */
    private INDArray[] checkForward(GradCheckReport report) {
        INDArray[] outputs = Elements.copies(function.forward(freshInputs()).outputs());
        for (int k = 0; k < outputs.length; k++) {
            Elements.checkDouble(WHO, "output " + k, outputs[k]);
        }
        INDArray[] again = function.forward(freshInputs()).outputs();
        for (int k = 0; k < outputs.length; k++) {
            if (!Elements.same(outputs[k], again[k])) {
                report.problem("forward is not deterministic: output " + k + " differs in a second run");
            }
        }
        return outputs;
    }

    /** Runs the backward pass with random and with zero gradients; returns whether its results can be compared. */
    private boolean checkBackward(GradCheckReport report, INDArray... outputs) {
        Random random = new Random(seed);
        INDArray[] gradients =
                Arrays.stream(outputs).map(y -> gaussian(random, y.shape())).toArray(INDArray[]::new);
        SideEffects effects = SideEffects.of(function, inputs, names, gradients);
        effects.byForward().forEach(report::problem);
        effects.byBackward().forEach(report::problem);
        @Nullable INDArray[] results = effects.gradients();
        boolean comparable = results.length == inputs.size();
        if (!comparable) {
            report.problem("backward returned " + results.length + " gradients for " + inputs.size() + " inputs");
        }
        for (int n = 0; comparable && n < results.length; n++) {
            comparable = checkForm(report, results[n], n);
        }
        if (comparable) {
            @Nullable INDArray[] again = backward(gradients);
            @Nullable INDArray[] zeros = backward(Elements.zerosLike(outputs));
            for (int n = 0; n < results.length; n++) {
                if (results[n] != null && !Elements.same(results[n], again[n])) {
                    report.problem("backward is not deterministic: the gradient of " + names.get(n)
                            + " differs in a second run");
                }
                if (zeros[n] != null && Arrays.stream(Elements.of(zeros[n])).anyMatch(v -> v != 0)) {
                    report.problem("a zero output gradient gives a gradient of " + names.get(n) + " that is not zero");
                }
            }
        }
        return comparable;
    }

    private boolean checkForm(GradCheckReport report, @Nullable INDArray gradient, int n) {
        INDArray input = inputs.get(n);
        if (gradient == null) {
            return true;
        }
        if (!Arrays.equals(gradient.shape(), input.shape())) {
            report.problem("the gradient of " + names.get(n) + " has shape " + Arrays.toString(gradient.shape())
                    + ", expected " + Arrays.toString(input.shape()));
            return false;
        }
        if (gradient.dataType() != DataType.DOUBLE) {
            report.problem(
                    "the gradient of " + names.get(n) + " has type " + gradient.dataType() + ", expected DOUBLE");
            return false;
        }
        return true;
    }

    private @Nullable INDArray[] backward(INDArray... outputGradients) {
        return function.backward(function.forward(freshInputs()).saved(), outputGradients);
    }

    private void compareAll(GradCheckReport report, INDArray output, int k, int n) {
        Jacobian.checkSize(output.shape(), inputs.get(n).shape());
        Derivatives derivatives = Derivatives.extrapolated(x -> outputWith(n, x, k), inputs.get(n));
        ElementBounds bounds =
                ElementBounds.of(derivatives, Elements.of(inputs.get(n)), Elements.of(output), atol, rtol);
        RealMatrix expected = derivatives.values();
        int undecided = 0;
        for (int i = 0; i < expected.getRowDimension(); i++) {
            double[] actual = gradient(Elements.unit(i, output.shape()), k, n);
            for (int j = 0; j < expected.getColumnDimension(); j++) {
                if (bounds.wrong(i, j, actual[j])) {
                    report.mismatch(new Mismatch(
                            k,
                            Elements.at(i, output.shape()),
                            names.get(n),
                            Elements.at(j, inputs.get(n).shape()),
                            expected.getEntry(i, j),
                            actual[j]));
                } else if (!bounds.sufficient(i, j)) {
                    undecided++;
                }
            }
        }
        if (undecided > 0) {
            String obstacles = derivatives.obstacles(names.get(n), inputs.get(n).shape());
            report.undecided(undecided + " derivatives by " + names.get(n) + " cannot be judged here: "
                    + (obstacles.isEmpty() ? "differences are lost in rounding" : "there is " + obstacles));
        }
        report.compared(expected.getRowDimension() * expected.getColumnDimension());
    }

    private void compareProjections(GradCheckReport report, int k, int n) {
        Random random = new Random(seed);
        int undecided = 0;
        for (int p = 0; p < projections; p++) {
            Projection projection = Projection.of(function, inputs.toArray(INDArray[]::new), k, n, random);
            if (projection.wrong(rtol + atol)) {
                String which = "projection " + p;
                report.mismatch(
                        new Mismatch(k, which, names.get(n), which, projection.numerical(), projection.analytical()));
            } else if (!projection.sufficient()) {
                undecided++;
            }
        }
        if (undecided > 0) {
            report.undecided(undecided + " projections of derivatives by " + names.get(n)
                    + " cannot be judged here: there is a kink, a pole or a jump near");
        }
        report.compared(projections);
    }

    /** Output k with x in the place of input n. */
    private double[] outputWith(int n, INDArray x, int k) {
        INDArray[] at = freshInputs();
        at[n] = x;
        return Elements.of(function.forward(at).outputs()[k]);
    }

    /** The gradient of input n for a gradient of output k, those of other outputs being zero. */
    private double[] gradient(INDArray outputGradient, int k, int n) {
        Forward forward = function.forward(freshInputs());
        INDArray[] gradients = Elements.zerosLike(forward.outputs());
        gradients[k] = outputGradient;
        INDArray result = function.backward(forward.saved(), gradients)[n];
        return result == null ? new double[Math.toIntExact(inputs.get(n).length())] : Elements.of(result);
    }

    private static INDArray gaussian(Random random, long... shape) {
        double[] values = new double[Elements.length(shape)];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Elements.array(values, shape);
    }
}
