package io.github.dl4jnorm.testing;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Derivatives by central differences, (f(x+h) − f(x−h))/2h with h = {@value #STEP}: the opinion that shares no
 * derivation with anybody.
 *
 * <p>Each element of x is changed in place, so that x keeps its layout and may be a view of a network's parameters, and
 * is set back to its own bits afterwards.
 */
public final class Differences {
    /** The step h. */
    public static final double STEP = 1e-6;

    private Differences() {}

    /**
     * The gradient of a scalar function.
     *
     * @param f a function that reads x afresh each time it is called
     * @param x where to differentiate, DOUBLE
     * @return ∂f/∂x in 'c' order
     */
    public static double[] gradient(ToDoubleFunction<INDArray> f, INDArray x) {
        double[][] columns = columns(at -> new double[] {f.applyAsDouble(at)}, x);
        double[] gradient = new double[columns.length];
        for (int j = 0; j < gradient.length; j++) {
            gradient[j] = columns[j][0];
        }
        return gradient;
    }

    /**
     * The gradient of Σ w·f(x): what a backward pass returns for the output gradient w.
     *
     * @param f a function that reads x afresh each time it is called
     * @param w weights of the outputs, of the shape of f(x)
     * @param x where to differentiate, DOUBLE
     * @return ∂(Σ w·f)/∂x in 'c' order
     */
    public static double[] gradient(Function<INDArray, INDArray> f, INDArray w, INDArray x) {
        double[] weights = Doubles.of(w);
        double[][] columns = columns(at -> Doubles.of(f.apply(at)), x);
        double[] gradient = new double[columns.length];
        for (int j = 0; j < gradient.length; j++) {
            for (int i = 0; i < weights.length; i++) {
                gradient[j] += weights[i] * columns[j][i];
            }
        }
        return gradient;
    }

    /**
     * The whole Jacobian; as many evaluations as x has elements, twice.
     *
     * @param f a function that reads x afresh each time it is called
     * @param x where to differentiate, DOUBLE
     * @return [i][j] = ∂f_i/∂x_j, both in 'c' order
     */
    public static double[][] jacobian(Function<INDArray, INDArray> f, INDArray x) {
        double[][] columns = columns(at -> Doubles.of(f.apply(at)), x);
        double[][] jacobian = new double[columns[0].length][columns.length];
        for (int i = 0; i < jacobian.length; i++) {
            for (int j = 0; j < columns.length; j++) {
                jacobian[i][j] = columns[j][i];
            }
        }
        return jacobian;
    }

    /** [j][i] = ∂f_i/∂x_j. */
    private static double[][] columns(Function<INDArray, double[]> f, INDArray x) {
        if (x.dataType() != DataType.DOUBLE) {
            throw new IllegalArgumentException("central differences need DOUBLE, got " + x.dataType());
        }
        double[] values = Doubles.of(x);
        double[][] columns = new double[values.length][];
        long[] shape = x.shape();
        long[] index = new long[shape.length];
        for (int j = 0; j < values.length; j++) {
            double above = values[j] + STEP;
            double below = values[j] - STEP;
            x.putScalar(index, above);
            double[] column = f.apply(x);
            x.putScalar(index, below);
            double[] lower = f.apply(x);
            x.putScalar(index, values[j]);
            for (int i = 0; i < column.length; i++) {
                // Not 2h: above and below are rounded, what lies between them is not.
                column[i] = (column[i] - lower[i]) / (above - below);
            }
            columns[j] = column;
            Doubles.increment(index, shape);
        }
        return columns;
    }
}
