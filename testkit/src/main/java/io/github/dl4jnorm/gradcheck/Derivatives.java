package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Slope.Obstacle;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.commons.math3.linear.RealMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Numerical derivatives of a function of one array, which gets an array of its own each time: it may overwrite it.
 *
 * @param values [outputs, inputs]
 * @param error estimated absolute error of each; zero where none was estimated
 * @param near the inputs close to which something is that differences cannot see through, and what
 */
record Derivatives(RealMatrix values, RealMatrix error, Map<Integer, Obstacle> near) {

    /**
     * Central differences, (f(x+h) − f(x−h))/2h.
     *
     * @throws IllegalArgumentException if an element is so large that the step vanishes in it
     */
    static Derivatives central(Function<INDArray, double[]> f, INDArray x, double step) {
        double[][] columns = new double[Math.toIntExact(x.length())][];
        double[] values = Elements.of(x);
        for (int j = 0; j < columns.length; j++) {
            columns[j] = central(f, values, x.shape(), j, step);
        }
        RealMatrix derivatives = fromColumns(columns);
        return new Derivatives(derivatives, derivatives.scalarMultiply(0), Map.of());
    }

    /**
     * Differences extrapolated to step zero, each with its own estimated error. Needs 12 evaluations per element of x
     * where the function is smooth, which give ten digits or more, and up to 48 where it is not.
     */
    static Derivatives extrapolated(Function<INDArray, double[]> f, INDArray x) {
        Slope.Surroundings around = Slope.Surroundings.of(f, x);
        double[][] columns = new double[Math.toIntExact(x.length())][];
        double[][] errors = new double[columns.length][];
        Map<Integer, Obstacle> near = new TreeMap<>();
        for (int j = 0; j < columns.length; j++) {
            Slope slope = around.along(j);
            columns[j] = slope.values();
            errors[j] = slope.errors();
            if (slope.near() != null) {
                near.put(j, slope.near());
            }
        }
        return new Derivatives(fromColumns(columns), fromColumns(errors), near);
    }

    /** What is near, in words: empty if nothing is. */
    String obstacles(String name, long... shape) {
        if (near.isEmpty()) {
            return "";
        }
        Map.Entry<Integer, Obstacle> first = near.entrySet().iterator().next();
        String others = near.size() == 1 ? "" : ", and near " + (near.size() - 1) + " other elements something similar";
        return first.getValue().title() + " at or near " + name + Elements.at(first.getKey(), shape) + others;
    }

    private static double[] central(Function<INDArray, double[]> f, double[] x, long[] shape, int j, double step) {
        double[] above = x.clone();
        double[] below = x.clone();
        above[j] += step;
        below[j] -= step;
        if (above[j] == below[j]) {
            throw new IllegalArgumentException("Jacobian: expected a step that changes x" + Elements.at(j, shape)
                    + " = " + x[j] + ", got " + step);
        }
        double[] difference = f.apply(Elements.array(above, shape));
        double[] lower = f.apply(Elements.array(below, shape));
        for (int i = 0; i < difference.length; i++) {
            // Not 2h: above and below are rounded, what lies between them is not.
            difference[i] = (difference[i] - lower[i]) / (above[j] - below[j]);
        }
        return difference;
    }

    private static RealMatrix fromColumns(double[]... columns) {
        return Matrices.of(columns[0].length, columns.length, (i, j) -> columns[j][i]);
    }
}
