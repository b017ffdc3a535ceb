package io.github.dl4jnorm.kernel;

import java.util.List;

/**
 * {@link Coefficients} of many groups side by side, repeated as often as rows are staged behind each other.
 *
 * @param <A> type of staging array
 */
final class LaneMap<A> {
    static final int COEFFICIENTS = 5;

    final A center;
    final A scale;
    final A shift;
    final A gradientCenter;
    final A slope;

    LaneMap(InnerLoops<A> loops, int length) {
        center = loops.allocate(length);
        scale = loops.allocate(length);
        shift = loops.allocate(length);
        gradientCenter = loops.allocate(length);
        slope = loops.allocate(length);
    }

    /** Takes coefficients in the order of the fields. */
    void set(double[][] coefficients, int width, int copies, InnerLoops<A> loops) {
        int next = 0;
        for (A to : List.of(center, scale, shift, gradientCenter, slope)) {
            loops.narrow(coefficients[next++], width, to);
            loops.repeat(to, width, copies);
        }
    }
}
