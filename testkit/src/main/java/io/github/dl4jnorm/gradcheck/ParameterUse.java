package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * How outputs depend on a parameter that is broadcast: each on one of its elements.
 *
 * @param target which element, per output
 * @param weight the derivative by it, per output
 */
record ParameterUse(int[] target, double[] weight) {
    private static final double NEGLIGIBLE = 1e-7;
    private static final int NONE = -1;

    /** Reads it off a Jacobian; null if an output depends on several elements. */
    static @Nullable ParameterUse of(RealMatrix jacobian, long... outputShape) {
        int[] target = new int[jacobian.getRowDimension()];
        double[] weight = new double[jacobian.getRowDimension()];
        double negligible = NEGLIGIBLE * Matrices.maxAbs(jacobian);
        for (int i = 0; i < target.length; i++) {
            double[] row = jacobian.getRow(i);
            int[] touched = IntStream.range(0, row.length)
                    .filter(j -> Math.abs(row[j]) > negligible)
                    .toArray();
            if (touched.length > 1) {
                return null;
            }
            target[i] = touched.length == 0 ? NONE : touched[0];
            weight[i] = touched.length == 0 ? 0 : row[touched[0]];
        }
        int[] complete = complete(target, jacobian.getColumnDimension(), outputShape);
        return complete == null ? null : new ParameterUse(complete, weight);
    }

    /** Where an output does not depend on any, as behind a ReLU, the others of its axes tell which it would be. */
    private static int @Nullable [] complete(int[] target, int parameters, long... outputShape) {
        if (Arrays.stream(target).noneMatch(t -> t == NONE)) {
            return target;
        }
        for (GroupIndex groups : GroupIndex.byAxes(outputShape)) {
            int[] group = groups.group();
            if (groups.groups() == parameters
                    && IntStream.range(0, group.length).allMatch(i -> target[i] == NONE || target[i] == group[i])) {
                return group;
            }
        }
        return parameters == target.length ? IntStream.range(0, parameters).toArray() : null;
    }
}
