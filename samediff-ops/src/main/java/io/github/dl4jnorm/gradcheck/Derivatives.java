package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Numerical derivatives of a function of one array, which gets an array of its own each time: it may overwrite it.
 *
 * @param values [outputs, inputs]
 * @param error estimated absolute error of each; zero where none was estimated
 */
record Derivatives(Matrix values, Matrix error) {
    /** Steps are halved this often, and the differences extrapolated to step zero. */
    private static final int LEVELS = 6;

    /** The first step, in units of the spread of x. */
    private static final double FIRST_STEP = 0.05;

    /** Central differences, (f(x+h) − f(x−h))/2h. */
    static Derivatives central(Function<INDArray, double[]> f, INDArray x, double step) {
        double[][] columns = new double[Math.toIntExact(x.length())][];
        double[] values = Elements.of(x);
        for (int j = 0; j < columns.length; j++) {
            columns[j] = central(f, values, x.shape(), j, step);
        }
        Matrix derivatives = fromColumns(columns);
        return new Derivatives(derivatives, derivatives.times(0));
    }

    /**
     * Central differences with ever smaller steps, extrapolated to step zero, each derivative taken where its own error
     * is estimated smallest (Ridders 1982). Needs 12 evaluations per element of x; smooth functions come out with ten
     * digits or more.
     */
    static Derivatives extrapolated(Function<INDArray, double[]> f, INDArray x) {
        double[] values = Elements.of(x);
        double firstStep = FIRST_STEP * spread(values);
        double[][] columns = new double[values.length][];
        double[][] errors = new double[values.length][];
        for (int j = 0; j < values.length; j++) {
            double[][] samples = new double[LEVELS][];
            for (int level = 0; level < LEVELS; level++) {
                samples[level] = central(f, values, x.shape(), j, firstStep / (1 << level));
            }
            int outputs = samples[0].length;
            columns[j] = new double[outputs];
            errors[j] = new double[outputs];
            for (int i = 0; i < outputs; i++) {
                double[] best = extrapolate(samples, i);
                columns[j][i] = best[0];
                errors[j][i] = best[1];
            }
        }
        return new Derivatives(fromColumns(columns), fromColumns(errors));
    }

    private static double[] central(Function<INDArray, double[]> f, double[] x, long[] shape, int j, double step) {
        double[] above = x.clone();
        double[] below = x.clone();
        above[j] += step;
        below[j] -= step;
        double[] difference = f.apply(Elements.array(above, shape));
        double[] lower = f.apply(Elements.array(below, shape));
        for (int i = 0; i < difference.length; i++) {
            // Not 2h: above and below are rounded, what lies between them is not.
            difference[i] = (difference[i] - lower[i]) / (above[j] - below[j]);
        }
        return difference;
    }

    /** Neville's tableau for one derivative: its best value and the error estimated for that. */
    private static double[] extrapolate(double[][] samples, int i) {
        double best = samples[0][i];
        double bestError = Double.POSITIVE_INFINITY;
        double[] previous = {samples[0][i]};
        for (int level = 1; level < LEVELS; level++) {
            double[] row = new double[level + 1];
            row[0] = samples[level][i];
            double power = 1;
            for (int order = 1; order <= level; order++) {
                power *= 4; // the error of central differences goes with even powers of the step
                row[order] = (power * row[order - 1] - previous[order - 1]) / (power - 1);
                double error =
                        Math.max(Math.abs(row[order] - row[order - 1]), Math.abs(row[order] - previous[order - 1]));
                if (error < bestError) {
                    bestError = error;
                    best = row[order];
                }
            }
            previous = row;
        }
        return new double[] {best, bestError};
    }

    /** The root mean square distance from the mean; of equal elements their size, of zeros 1. */
    private static double spread(double... values) {
        double mean = Arrays.stream(values).average().orElse(0);
        double variance = Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(0);
        if (variance > 1e-24 * mean * mean) {
            return Math.sqrt(variance);
        }
        return mean == 0 ? 1 : Math.abs(mean);
    }

    private static Matrix fromColumns(double[]... columns) {
        return Matrix.of(columns[0].length, columns.length, (i, j) -> columns[j][i]);
    }
}
