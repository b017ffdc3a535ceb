package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * {@link Coefficients} of many groups side by side, repeated as often as rows are staged behind each other.
 *
 * @param <A> type of staging array
 */
final class LaneMap<A> {
    static final int COEFFICIENTS = 5;

    final A mean;
    final A scale;
    final A shift;
    final A meanGradient;
    final A slope;

    LaneMap(InnerLoops<A> loops, int length) {
        mean = loops.allocate(length);
        scale = loops.allocate(length);
        shift = loops.allocate(length);
        meanGradient = loops.allocate(length);
        slope = loops.allocate(length);
    }

    /** Takes coefficients in the order of the fields. */
    void set(double[][] coefficients, int width, int copies, InnerLoops<A> loops) {
        int next = 0;
        for (A to : List.of(mean, scale, shift, meanGradient, slope)) {
            loops.narrow(coefficients[next++], width, to);
            loops.repeat(to, width, copies);
        }
    }
}
