package io.github.dl4jnorm;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Differences;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gradients small enough to check on paper, and the questions that people ask about them. */
class WorkedNumbersTest {
    private static final double ROUNDING = 4 * Tolerances.unitRoundoff(DataType.DOUBLE);

    private final NDNorm norm = new NDNorm();

    /** s = 10, y = [.2, .3, .5], ∂y_i/∂x_j = (δ_ij − y_i)/10: every output depends on every input. */
    @Test
    void jacobianOfASumNormalizedVector() {
        double[][] expected = {
            {.08, -.02, -.02},
            {-.03, .07, -.03},
            {-.05, -.05, .05}
        };
        INDArray x = array(new long[] {3}, 2, 3, 5);
        Normalized forward = norm.sumNorm(x, 0, 0);
        assertClose("y", new double[] {.2, .3, .5}, Doubles.of(forward.y()), ROUNDING);
        for (int i = 0; i < 3; i++) {
            INDArray dx = forward.backward(unit(new long[] {3}, i)).dx();
            assertClose("row " + i, expected[i], Doubles.of(dx), ROUNDING);
        }
        double[][] numerical = Differences.jacobian(at -> norm.sumNorm(at, 0, 0).y(), x);
        for (int i = 0; i < 3; i++) {
            assertClose("row " + i, expected[i], numerical[i], Tolerances.ofDifferences(3, 1, 1));
        }
    }

    /**
     * The columns [2, 3, 5] and [1, 3, 5], each divided by its own sum: the 3×3×2 tensor T[i][j][k] = ∂y_ik/∂x_jk. In
     * the second column s = 9 and y = [1, 3, 5]/9, so T[i][j][1] = (9·δ_ij − x_i1)/81. Columns do not see each other.
     */
    @Test
    void jacobianOfTwoSumNormalizedColumns() {
        double[][][] expected = {
            {{.08, 8 / 81.0}, {-.02, -1 / 81.0}, {-.02, -1 / 81.0}},
            {{-.03, -3 / 81.0}, {.07, 6 / 81.0}, {-.03, -3 / 81.0}},
            {{-.05, -5 / 81.0}, {-.05, -5 / 81.0}, {.05, 4 / 81.0}}
        };
        long[] shape = {3, 2};
        INDArray x = array(shape, 2, 1, 3, 3, 5, 5);
        Normalized forward = norm.sumNorm(x, 0, 0);
        assertArrayEquals(new double[] {10, 9}, Doubles.of(forward.measure()));
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 2; k++) {
                double[] dx =
                        Doubles.of(forward.backward(unit(shape, 2 * i + k)).dx());
                for (int j = 0; j < 3; j++) {
                    double[] row = {0, 0};
                    row[k] = expected[i][j][k];
                    assertClose("∂y_" + i + k + "/∂x_" + j, row, new double[] {dx[2 * j], dx[2 * j + 1]}, ROUNDING);
                }
            }
        }
    }

    /**
     * The sum over the outputs of ∂x̂/∂x is zero, because x̂ always adds up to zero; the diagonal, r(1 − 1/M − x̂²/M),
     * is not. Whoever keeps the diagonal only gets a gradient that is quite another.
     */
    @Test
    void columnSumsOfBatchNormsJacobianVanishAndItsDiagonalDoesNot() {
        int n = 512;
        int d = 128;
        long[] shape = {n, d};
        INDArray x = array(shape, Samples.gaussian(7, n * d));
        Normalized forward = norm.batchNorm(x, null, null, 1e-5, 1);
        double[] xHat = Doubles.of(forward.y());
        double[] invStd = Doubles.of(forward.scale());
        double bound = Tolerances.bound(DataType.DOUBLE, n, 0, 10);

        INDArray columnSums =
                forward.backward(array(shape, Doubles.filled(1, shape))).dx();
        assertClose("Σ_i ∂x̂_i/∂x_j", new double[n * d], Doubles.of(columnSums), bound);

        for (int i : new int[] {0, 1, 255, 511}) {
            // Columns do not see each other: one row of ones asks for the diagonal of all columns at once.
            double[] row = new double[n * d];
            double[] expected = new double[d];
            for (int j = 0; j < d; j++) {
                row[i * d + j] = 1;
                expected[j] = invStd[j] * (1 - 1.0 / n - xHat[i * d + j] * xHat[i * d + j] / n);
                assertTrue(expected[j] > 0.5);
            }
            double[] dx = Doubles.of(forward.backward(array(shape, row)).dx());
            double[] diagonal = new double[d];
            System.arraycopy(dx, i * d, diagonal, 0, d);
            assertClose("∂x̂_i/∂x_i", expected, diagonal, bound);
        }
    }

    @Test
    void betasGradientIsASumOverTheBatchNotAMean() {
        INDArray x = array(new long[] {5, 2}, Samples.gaussian(8, 10));
        INDArray beta = array(new long[] {2}, 0, 0);
        Normalized forward = norm.batchNorm(x, null, beta, 1e-5, 1);
        INDArray ones = array(new long[] {5, 2}, Doubles.filled(1, 5, 2));
        assertArrayEquals(new double[] {5, 5}, Doubles.of(forward.backward(ones).dBeta()));
    }

    /**
     * Two rows of D = 4 features. Row 0 has μ = 0, σ² = 1, and with ε = 3 r = ½. For dy = [8, 0, 0, 0]: Σdy = 8,
     * Σdy·x̂ = −4, dx = (½/4)(4·dy − 8 + 4·x̂). With the batch size 2 in place of 4 nothing of this would come out.
     */
    @Test
    void layerNormDividesByTheNumberOfFeaturesNotOfExamples() {
        INDArray x = array(new long[] {2, 4}, -1, 1, -1, 1, 5, 7, 5, 7);
        INDArray dy = array(new long[] {2, 4}, 8, 0, 0, 0, 0, 0, 0, 0);
        Normalized forward =
                norm.layerNorm(x, array(new long[] {4}, 1, 1, 1, 1), array(new long[] {4}, 0, 0, 0, 0), 3, 1);
        assertArrayEquals(new double[] {-.5, .5, -.5, .5, -.5, .5, -.5, .5}, Doubles.of(forward.y()));
        NormGradients gradients = forward.backward(dy);
        assertArrayEquals(new double[] {2.75, -.75, -1.25, -.75, 0, 0, 0, 0}, Doubles.of(gradients.dx()));
        assertArrayEquals(new double[] {-4, 0, 0, 0}, Doubles.of(gradients.dGamma()));
        assertArrayEquals(new double[] {8, 0, 0, 0}, Doubles.of(gradients.dBeta()));
    }

    /** In inference μ and σ² are constants: dx = γ·r·dy, with neither of the two other terms. */
    @Test
    void inferenceHasNoGradientThroughTheStatistics() {
        INDArray x = array(new long[] {2, 1}, 1, 3);
        INDArray dy = array(new long[] {2, 1}, 1, 1);
        INDArray one = array(new long[] {1}, 1);
        INDArray four = array(new long[] {1}, 4);
        // x̂ = (x − 1)/√(1 + 3) = [0, 1]
        NormGradients gradients =
                norm.batchNormInference(x, one, one, four, one, 3, 1).backward(dy);
        assertArrayEquals(new double[] {2, 2}, Doubles.of(gradients.dx()));
        assertArrayEquals(new double[] {1}, Doubles.of(gradients.dGamma()));
        assertArrayEquals(new double[] {2}, Doubles.of(gradients.dBeta()));
        assertArrayEquals(new double[] {-4}, Doubles.of(gradients.dMean()));
        assertArrayEquals(new double[] {-.5}, Doubles.of(gradients.dVariance()));
    }

    private static INDArray array(long[] shape, double... values) {
        return Doubles.toArray(DataType.DOUBLE, shape, values);
    }

    private static INDArray unit(long[] shape, int position) {
        double[] values = new double[Doubles.length(shape)];
        values[position] = 1;
        return array(shape, values);
    }
}
