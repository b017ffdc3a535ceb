package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradient of one input as a backward pass gives it: a row per output element.
 *
 * @param shape the shape of the gradient, which may be wrong
 * @param rows the gradient for each output gradient with a single one
 * @param mixed the gradient for {@code mixture}, which must be the same mixture of rows
 * @param mixture a random output gradient
 * @param silent the gradient for an output gradient of zeros
 */
record AnalyticalJacobian(long[] shape, RealMatrix rows, double[] mixed, double[] mixture, double[] silent) {
    private static final long SEED = 20261121;
    private static final double ROUNDING = 1e-9;

    /**
     * Runs a function's backward pass for every output element, each time after a forward pass of its own.
     *
     * @param function the function
     * @param inputs its inputs
     * @param outputShape shape of its output
     * @param restored whether inputs that the forward pass has overwritten are put right before the backward pass
     * @return one Jacobian per input
     */
    static List<AnalyticalJacobian> of(
            Differentiable function, INDArray[] inputs, long[] outputShape, boolean restored) {
        int outputs = Elements.length(outputShape);
        double[] mixture = new Random(SEED).doubles(outputs, -1, 1).toArray();
        INDArray[] mixed = run(function, inputs, restored, Elements.array(mixture, outputShape));
        INDArray[] silent = run(function, inputs, restored, Elements.array(new double[outputs], outputShape));
        double[][][] rows = new double[inputs.length][outputs][];
        for (int i = 0; i < outputs; i++) {
            INDArray[] gradients = run(function, inputs, restored, Elements.unit(i, outputShape));
            for (int n = 0; n < inputs.length; n++) {
                rows[n][i] = Elements.of(gradients[n]);
            }
        }
        List<AnalyticalJacobian> analytical = new ArrayList<>();
        for (int n = 0; n < inputs.length; n++) {
            analytical.add(new AnalyticalJacobian(
                    mixed[n].shape(),
                    Matrices.ofRows(rows[n]),
                    Elements.of(mixed[n]),
                    mixture,
                    Elements.of(silent[n])));
        }
        return analytical;
    }

    private static INDArray[] run(Differentiable function, INDArray[] inputs, boolean restored, INDArray dy) {
        INDArray[] seen = Elements.copies(inputs);
        Forward forward = function.forward(seen);
        for (int n = 0; restored && n < seen.length; n++) {
            seen[n].assign(inputs[n]);
        }
        @Nullable INDArray[] returned = function.backward(forward.saved(), dy);
        if (returned.length != inputs.length) {
            throw new IllegalArgumentException("GradientDoctor: expected " + inputs.length
                    + " gradients from the backward pass, one per input, got " + returned.length);
        }
        INDArray[] gradients = Elements.zerosLike(inputs);
        for (int n = 0; n < gradients.length; n++) {
            INDArray gradient = returned[n];
            if (gradient != null) {
                Elements.checkDouble("GradientDoctor", "gradient " + n, gradient);
                gradients[n] = gradient;
            }
        }
        return gradients;
    }

    /**
     * Whether the backward pass is a product of the output gradient with a matrix, as it must be.
     *
     * @param tolerance how far it may be from that, besides rounding
     */
    boolean linear(double tolerance) {
        double[] expected = rows.preMultiply(mixture);
        double allowed = tolerance + ROUNDING * rows.getFrobeniusNorm() * Math.sqrt(mixture.length);
        for (int j = 0; j < expected.length; j++) {
            if (Math.abs(expected[j] - mixed[j]) > allowed || Math.abs(silent[j]) > allowed) {
                return false;
            }
        }
        return true;
    }

    boolean finite() {
        return Double.isFinite(rows.getFrobeniusNorm()) && Arrays.stream(mixed).allMatch(Double::isFinite);
    }

    boolean ignoresOutputGradient() {
        return Arrays.equals(mixed, silent) && Arrays.stream(silent).anyMatch(v -> v != 0);
    }

    /** Whether the gradient belongs to an input of some shape; axes of size 1 do not matter. */
    boolean fits(long... inputShape) {
        return Arrays.equals(withoutOnes(shape), withoutOnes(inputShape));
    }

    /** The axes that would have to be summed over to get an input's shape, in all ways that fit. */
    List<GroupIndex> missingSums(long... inputShape) {
        long[] wanted = withoutOnes(inputShape);
        return GroupIndex.byAxes(shape).stream()
                .filter(p -> p.size() > 1)
                .filter(p -> Arrays.equals(withoutOnes(kept(p)), wanted))
                .toList();
    }

    private long[] kept(GroupIndex groups) {
        long[] kept = shape.clone();
        for (int axis : groups.axes()) {
            kept[axis] = 1;
        }
        return kept;
    }

    private static long[] withoutOnes(long... shape) {
        return Arrays.stream(shape).filter(size -> size != 1).toArray();
    }

    /** The rows with the gradient summed over some of its axes. */
    RealMatrix summed(GroupIndex groups) {
        double[][] sums = new double[rows.getRowDimension()][groups.groups()];
        for (int i = 0; i < sums.length; i++) {
            for (int j = 0; j < rows.getColumnDimension(); j++) {
                sums[i][groups.group()[j]] += rows.getEntry(i, j);
            }
        }
        return Matrices.ofRows(sums);
    }
}
