package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.Normalized;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import io.github.dl4jnorm.testing.Tolerances;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

class JacobianTest {
    private static final double EXACT = 16 * Tolerances.unitRoundoff(DataType.DOUBLE);

    private final NDNorm norm = new NDNorm();

    /** x/Σx of [2, 3, 5]: s = 10, ∂y_i/∂x_j = (δ_ij − y_i)/10. */
    @Test
    void ofASumNormalizedVector() {
        INDArray x = array(new long[] {3}, 2, 3, 5);
        Jacobian jacobian = Jacobian.of(at -> norm.sumNorm(at, 0, 0).y(), x);
        double bound = Tolerances.ofDifferences(3, 1, 1);
        assertArrayEquals(new long[] {3, 3}, jacobian.array().shape());
        double[] expected = {.08, -.02, -.02, -.03, .07, -.03, -.05, -.05, .05};
        assertClose("all", expected, Doubles.of(jacobian.array()), bound);
        assertClose("diagonal", new double[] {.08, .07, .05}, Doubles.of(jacobian.diagonal()), bound);
        assertClose("sum", new double[3], Doubles.of(jacobian.sumOverOutputs()), 3 * bound);
        assertClose(
                "vjp",
                new double[] {.08 - .06, -.02 + .14, -.02 - .06},
                Doubles.of(jacobian.vjp(array(new long[] {3}, 1, 2, 0))),
                3 * bound);
        assertEquals(jacobian.array().getDouble(2, 0), jacobian.get(2, 0));
    }

    @Test
    void shapesOfOutputAndInputFollowEachOther() {
        INDArray x = array(new long[] {2, 3}, 1, 2, 3, 4, 5, 6);
        Jacobian sums = Jacobian.of(at -> at.sum(1), x);
        assertArrayEquals(new long[] {2, 2, 3}, sums.array().shape());
        assertClose(
                "rows",
                new double[] {1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1},
                Doubles.of(sums.array()),
                Tolerances.ofDifferences(3, 21, 1));
        Jacobian scalar = Jacobian.of(at -> Nd4j.scalar(at.sumNumber().doubleValue()), x);
        assertArrayEquals(new long[] {2, 3}, scalar.array().shape());
        assertEquals(
                "Jacobian: a diagonal needs outputs and inputs of one shape, got outputs [2] and inputs [2, 3]",
                assertThrows(IllegalStateException.class, sums::diagonal).getMessage());
        assertThrows(IllegalStateException.class, sums::coupledAxes);
    }

    @ParameterizedTest
    @EnumSource
    void inAnyLayoutAndWithoutTouchingX(Layout layout) {
        double[] values = Samples.mostlyPositive(3, 12);
        INDArray x = layout.create(DataType.DOUBLE, new long[] {3, 4}, values);
        Jacobian jacobian = Jacobian.of(at -> at.muli(at), x);
        assertArrayEquals(values, Doubles.of(x));
        for (int j = 0; j < 12; j++) {
            assertEquals(2 * values[j], jacobian.get(j, j), Tolerances.ofDifferences(1, 10, 1));
        }
        assertArrayEquals(new int[0], jacobian.coupledAxes());
    }

    @Test
    void fromABackwardPass() {
        INDArray x = array(new long[] {4, 3}, Samples.gaussian(5, 12));
        Normalized forward = norm.batchNorm(x, null, null, 1e-5, 1);
        Jacobian analytical = Jacobian.fromVjp(dy -> forward.backward(dy).dx(), x.shape(), x.shape());
        Jacobian numerical =
                Jacobian.of(at -> norm.batchNorm(at, null, null, 1e-5, 1).y(), x);
        assertClose(
                "Jacobian",
                Doubles.of(numerical.array()),
                Doubles.of(analytical.array()),
                Tolerances.ofDifferences(4, 10, 0.3));
        INDArray dy = array(new long[] {4, 3}, Samples.gaussian(6, 12));
        assertClose("vjp", Doubles.of(forward.backward(dy).dx()), Doubles.of(analytical.vjp(dy)), 10 * EXACT);
    }

    @Test
    void couplesTheAxesThatShareAStatistic() {
        INDArray x = array(new long[] {3, 2, 4}, Samples.mostlyPositive(7, 24));
        assertArrayEquals(
                new int[] {0, 2},
                Jacobian.of(at -> norm.batchNorm(at, null, null, 1e-5, 1).y(), x)
                        .coupledAxes());
        assertArrayEquals(
                new int[] {1}, Jacobian.of(at -> norm.sumNorm(at, 0, 1).y(), x).coupledAxes());
        assertArrayEquals(new int[0], Jacobian.of(Transforms::exp, x).coupledAxes());
    }

    /** Two differences of step 1e-6 give nine digits, extrapolation gives more and says how many. */
    @Test
    void extrapolationKnowsItsError() {
        INDArray x = array(new long[] {6}, 0.1, 0.5, 1, 1.5, 2, 3);
        Derivatives derivatives = Derivatives.extrapolated(at -> Doubles.of(Transforms.exp(at)), x);
        for (int j = 0; j < 6; j++) {
            double exact = Math.exp(x.getDouble(j));
            double error = Math.abs(derivatives.values().getEntry(j, j) - exact);
            assertTrue(error <= 1e-11 * exact, () -> "off by " + error);
            assertTrue(error <= 10 * derivatives.error().getEntry(j, j) + EXACT * exact, () -> "off by " + error);
        }
    }

    @Test
    void refusesWhatItCannotDo() {
        INDArray floats = Nd4j.createFromArray(1f, 2f);
        assertEquals(
                "Jacobian: expected x in DOUBLE, got FLOAT; finite differences need double precision: "
                        + "use castTo(DataType.DOUBLE)",
                message(() -> Jacobian.of(at -> at, floats)));
        INDArray x = array(new long[] {2}, 1, 2);
        assertTrue(message(() -> Jacobian.of(at -> at.castTo(DataType.FLOAT), x))
                .startsWith("Jacobian: expected f(x) in DOUBLE, got FLOAT"));
        assertEquals(
                "Jacobian: expected a step that changes x[1] = 1.0E11, got 1.0E-6",
                message(() -> Jacobian.of(at -> at, array(new long[] {2}, 1, 1e11))));
        assertEquals("Jacobian: expected a step > 0, got 0.0", message(() -> Jacobian.of(at -> at, x, 0)));
        assertEquals(
                "Jacobian: expected dx of the shape of x, [2], got [1, 2]",
                message(() -> Jacobian.fromVjp(dy -> dy.reshape(1, 2), new long[] {2}, new long[] {2})));
        assertTrue(message(() -> Jacobian.fromVjp(dy -> dy, new long[] {5000}, new long[] {5000}))
                .startsWith("Jacobian: expected at most 16777216 elements, got 25000000"));
        Jacobian jacobian = Jacobian.of(at -> at, x);
        assertEquals(
                "Jacobian: expected dy of the shape of y, [2], got [3]",
                message(() -> jacobian.vjp(array(new long[] {3}, 1, 2, 3))));
    }

    private static String message(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }

    private static INDArray array(long[] shape, double... values) {
        return Doubles.toArray(DataType.DOUBLE, shape, values);
    }
}
