package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import java.util.Arrays;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One number that depends on all derivatives of an output by an input: Σ v_i·∂y_i/∂x_j·u_j with random u_j = ±1 and a
 * random v of length 1. A mistake in any of the derivatives shows in it.
 *
 * @param numerical from differences along u
 * @param analytical from the backward pass of v
 * @param error estimated error of the numerical one
 * @param size how large such a number is on average, for this u
 * @param zero below this it is zero, for all that differences can tell
 */
record Projection(double numerical, double analytical, double error, double size, double zero) {

    /**
     * Takes about 13 forward passes and one backward pass, whatever the size.
     *
     * @param function the function
     * @param inputs where; each pass gets copies
     * @param k number of the output
     * @param n number of the input
     * @param random source of u and v
     */
    static Projection of(Differentiable function, INDArray[] inputs, int k, int n, Random random) {
        double[] u =
                random.doubles(inputs[n].length()).map(d -> d < 0.5 ? -1 : 1).toArray();
        Slope.Surroundings around = Slope.Surroundings.of(
                x -> {
                    INDArray[] at = Elements.copies(inputs);
                    at[n] = x;
                    return Elements.of(function.forward(at).outputs()[k]);
                },
                inputs[n]);
        Slope slope = around.along(u);
        Forward forward = function.forward(Elements.copies(inputs));
        INDArray[] gradients = Elements.zerosLike(forward.outputs());
        double[] v = unitVector(random, around.y().length);
        gradients[k] = Elements.array(v.clone(), forward.outputs()[k].shape());
        INDArray dx = function.backward(forward.saved(), gradients)[n];

        double numerical = 0;
        double squaredError = 0;
        double squaredSize = 0;
        double squaredOutput = 0;
        for (int i = 0; i < v.length; i++) {
            numerical += v[i] * slope.values()[i];
            squaredError += v[i] * v[i] * slope.errors()[i] * slope.errors()[i];
            squaredSize += slope.values()[i] * slope.values()[i] / v.length;
            squaredOutput += around.y()[i] * around.y()[i] / v.length;
        }
        double analytical = 0;
        double[] row = dx == null ? new double[u.length] : Elements.of(dx);
        for (int j = 0; j < u.length; j++) {
            analytical += row[j] * u[j];
        }
        return new Projection(
                numerical,
                analytical,
                Math.sqrt(squaredError),
                Math.sqrt(squaredSize),
                Precision.ZERO * Math.sqrt(squaredOutput * u.length) / around.spread());
    }

    private static double[] unitVector(Random random, int length) {
        double[] v = new double[length];
        Arrays.setAll(v, i -> random.nextGaussian());
        double norm = Math.sqrt(Arrays.stream(v).map(d -> d * d).sum());
        return Arrays.stream(v).map(d -> d / norm).toArray();
    }

    /** Whether the differences say enough for a verdict. */
    boolean sufficient() {
        return Precision.SAFETY * error <= Math.max(Precision.COARSEST * size, zero);
    }

    /** Whether both are known to be the same within a part of the size, beside the error. */
    boolean right(double part) {
        return sufficient() && near(part);
    }

    /** Whether both are known to differ. */
    boolean wrong(double part) {
        return (sufficient() || !Double.isFinite(analytical)) && !near(part);
    }

    /** Written so that NaN is not near. */
    private boolean near(double part) {
        return Math.abs(analytical - numerical) <= allowed(part);
    }

    /** How far both may be apart for a part of the size. */
    double allowed(double part) {
        return part * size + Precision.SAFETY * error;
    }
}
