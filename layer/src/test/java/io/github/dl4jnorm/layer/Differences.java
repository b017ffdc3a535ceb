package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.DoubleSupplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients against differences in double, along random directions. */
final class Differences {
    private static final double STEP = 1e-6;
    private static final int DIRECTIONS = 2;

    private Differences() {}

    /**
     * The derivative of f along d must be gradient·d. The five-point difference errs by step⁴ times the fifth derivative
     * and by the rounding of f, about 1e-15, over the step: both well below the tolerance. Longer steps would meet the
     * kinks of a rectifier, where there is no derivative.
     *
     * @param gradient gradient of f at x
     * @param x where; changed in place while f is evaluated, and restored
     * @param f the function
     */
    static void assertGradient(INDArray gradient, INDArray x, DoubleSupplier f) {
        INDArray original = x.dup();
        for (int i = 0; i < DIRECTIONS; i++) {
            Nd4j.getRandom().setSeed(100 + i);
            INDArray direction = Nd4j.randn(DataType.DOUBLE, x.shape());
            double[] values = {-2, -1, 1, 2};
            for (int k = 0; k < values.length; k++) {
                x.assign(original.add(direction.mul(values[k] * STEP)));
                values[k] = f.getAsDouble();
            }
            x.assign(original);
            double numeric = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * STEP);
            double analytic =
                    gradient.reshape('c', x.shape()).mul(direction).sumNumber().doubleValue();
            assertEquals(numeric, analytic, 1e-7 * Math.max(1, Math.abs(numeric)));
        }
    }
}
