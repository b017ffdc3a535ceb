package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The derivatives of all outputs of a function along one direction, each with an estimate of its error.
 *
 * <p>Central differences with ever smaller steps are extrapolated to step zero (Ridders 1982), and so is what the slopes
 * on both sides differ by: half of that is an error, too, as at a kink differences agree on a slope that is none. Where
 * the errors are too large, a pole or a kink lies within the steps; smaller ones are tried.
 *
 * @param values Σ_j ∂y_i/∂x_j·u_j for each output i
 * @param errors estimated absolute error of each; infinite where there is no estimate
 * @param near what made smaller steps necessary, or null
 */
record Slope(double[] values, double[] errors, @Nullable Obstacle near) {
    /** Steps are halved this often. */
    private static final int LEVELS = 6;

    /** The first step, in units of the spread of x. */
    private static final double FIRST_STEP = 0.05;

    /** How often smaller steps are tried, and by how much they are smaller: each begins where the one before ends. */
    private static final int LADDERS = 4;

    private static final int SMALLER = 1 << LEVELS;

    /** An error of this part of the largest derivative is small enough. */
    private static final double ENOUGH = 1e-6;

    /** A derivative of this part of y over the spread of x is zero. */
    private static final double ZERO = 1e-9;

    /** What makes differences say little about a derivative. */
    enum Obstacle {
        /** The slopes on both sides differ. */
        KINK("a kink"),
        /** Differences grow, or jump, or are NaN. */
        POLE("a pole or a jump");

        private final String title;

        Obstacle(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** A function around a point. */
    record Surroundings(Function<INDArray, double[]> f, double[] y, double[] x, long[] shape, double spread) {
        /**
         * The surroundings of a point.
         *
         * @param f the function; gets an array of its own each time, which it may overwrite
         * @param x the point
         */
        static Surroundings of(Function<INDArray, double[]> f, INDArray x) {
            double[] values = Elements.of(x);
            return new Surroundings(
                    f, f.apply(Elements.array(values.clone(), x.shape())), values, x.shape(), Slope.spread(values));
        }

        /** The slope along the axis of one element. */
        Slope along(int j) {
            return Slope.of(this, (at, step) -> {
                double from = at[j];
                at[j] += step;
                return at[j] - from;
            });
        }

        /** The slope along a direction whose elements are 1 or −1. */
        Slope along(double... direction) {
            return Slope.of(this, (at, step) -> {
                double moved = 0;
                for (int j = 0; j < at.length; j++) {
                    double from = at[j];
                    at[j] += step * direction[j];
                    moved += (at[j] - from) * direction[j];
                }
                return moved / at.length;
            });
        }

        /** y at another point, and how far that is: rounded, it is not quite a step away. */
        private double[] moved(Move move, double step, double... distance) {
            double[] at = x.clone();
            distance[0] = move.by(at, step);
            return f.apply(Elements.array(at, shape));
        }
    }

    /** Moves a point by a step, and returns the step that it was after rounding. */
    private interface Move {
        double by(double[] at, double step);
    }

    private static Slope of(Surroundings around, Move move) {
        double zero = ZERO * Elements.largest(around.y) / around.spread;
        double step = FIRST_STEP * around.spread;
        Slope best = ladder(around, move, step);
        if (best.settled(zero)) {
            return new Slope(best.values, best.errors, null);
        }
        for (int ladder = 1; ladder < LADDERS && !best.settled(zero); ladder++) {
            step /= SMALLER;
            best = best.orBetter(ladder(around, move, step));
        }
        return best;
    }

    private boolean settled(double zero) {
        return Elements.largest(errors) <= ENOUGH * Elements.largest(values) + zero;
    }

    /** The better of two estimates for each output; where they contradict each other, that of the smaller steps. */
    private Slope orBetter(Slope smaller) {
        double[] betterValues = values.clone();
        double[] betterErrors = errors.clone();
        for (int i = 0; i < values.length; i++) {
            boolean agree = Math.abs(values[i] - smaller.values[i]) <= 3 * (errors[i] + smaller.errors[i]);
            if (smaller.errors[i] < errors[i] || !agree && Double.isFinite(smaller.errors[i])) {
                betterValues[i] = smaller.values[i];
                betterErrors[i] = smaller.errors[i];
            }
        }
        return new Slope(betterValues, betterErrors, near);
    }

    private static Slope ladder(Surroundings around, Move move, double firstStep) {
        int outputs = around.y.length;
        double[][] central = new double[LEVELS][outputs];
        double[][] gap = new double[LEVELS][outputs];
        for (int level = 0; level < LEVELS; level++) {
            double[] up = new double[1];
            double[] down = new double[1];
            double step = firstStep / (1 << level);
            double[] above = around.moved(move, step, up);
            double[] below = around.moved(move, -step, down);
            for (int i = 0; i < outputs; i++) {
                central[level][i] = (above[i] - below[i]) / (up[0] - down[0]);
                gap[level][i] = (above[i] - around.y[i]) / up[0] - (below[i] - around.y[i]) / down[0];
            }
        }
        double[] values = new double[outputs];
        double[] errors = new double[outputs];
        Obstacle near = null;
        double worst = 0;
        for (int i = 0; i < outputs; i++) {
            // The error of central differences goes with even powers of the step, the gap with odd ones.
            Limit slope = Limit.of(central, i, 4);
            Limit kink = Limit.of(gap, i, 2);
            double error = Math.max(slope.error, Math.abs(kink.value) / 2);
            values[i] = slope.value;
            errors[i] = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
            if (errors[i] > worst) {
                worst = errors[i];
                near = kink.error < 0.4 * Math.abs(kink.value) ? Obstacle.KINK : Obstacle.POLE;
            }
        }
        return new Slope(values, errors, near);
    }

    /** What a sequence tends to, with an estimated error. */
    private record Limit(double value, double error) {
        /** Neville's tableau of samples whose errors go with the step to some power, and that times 4, 16, ... */
        static Limit of(double[][] samples, int i, double firstPower) {
            double best = samples[0][i];
            double bestError = Double.POSITIVE_INFINITY;
            double[] previous = {samples[0][i]};
            for (int level = 1; level < LEVELS; level++) {
                double[] row = new double[level + 1];
                row[0] = samples[level][i];
                double power = firstPower;
                for (int order = 1; order <= level; order++) {
                    row[order] = (power * row[order - 1] - previous[order - 1]) / (power - 1);
                    double error =
                            Math.max(Math.abs(row[order] - row[order - 1]), Math.abs(row[order] - previous[order - 1]));
                    if (error < bestError) {
                        bestError = error;
                        best = row[order];
                    }
                    power *= 4;
                }
                previous = row;
            }
            return new Limit(best, bestError);
        }
    }

    /** The root mean square distance from the mean; of equal elements their size, of zeros 1. */
    static double spread(double... values) {
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
}
