package io.github.dl4jnorm.benchmarks.kernel;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * A workload and its numbers, the same in every process.
 *
 * @param workload what is computed
 * @param x the input
 * @param dy a gradient that comes from above
 * @param gamma γ; ones where there is none
 * @param beta β; zeros where there is none
 * @param threads threads to compute with
 */
record Problem(Workload workload, float[] x, float[] dy, float[] gamma, float[] beta, int threads) {

    static Problem of(Workload workload, Values values, int threads) {
        int length = workload.length();
        int row = length / workload.size(0);
        SplittableRandom random = new SplittableRandom(1 + values.ordinal());
        float[] x = new float[length];
        float[] dy = new float[length];
        boolean positive = workload.kind() == Kind.SUM;
        for (int i = 0; i < length; i++) {
            double value = values.at(random, i / row);
            x[i] = (float) (positive ? value * value + 0.1 : value);
            dy[i] = (float) Values.gaussian(random);
        }
        return new Problem(
                workload,
                x,
                dy,
                parameters(workload, workload.isAffine(), uniform -> 0.5 + uniform, 1),
                parameters(workload, workload.kind().hasShift(), uniform -> uniform - 0.5, 0),
                threads);
    }

    private static float[] parameters(Workload workload, boolean wanted, DoubleUnaryOperator value, float neutral) {
        SplittableRandom random = new SplittableRandom(0);
        float[] parameters = new float[workload.axisSize()];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = wanted ? (float) value.applyAsDouble(random.nextDouble()) : neutral;
        }
        return parameters;
    }
}
