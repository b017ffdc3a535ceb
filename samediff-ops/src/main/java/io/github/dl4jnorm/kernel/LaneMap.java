package io.github.dl4jnorm.kernel;

/**
 * {@link Coefficients} of many groups side by side, repeated as often as rows are staged behind each other.
 *
 * @param <A> type of staging array
 */
final class LaneMap<A> {
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

    void set(int lane, Coefficients c, InnerLoops<A> loops) {
        loops.set(mean, lane, c.mean);
        loops.set(scale, lane, c.scale);
        loops.set(shift, lane, c.shift);
        loops.set(meanGradient, lane, c.meanGradient);
        loops.set(slope, lane, c.slope);
    }

    void repeat(int width, int copies, InnerLoops<A> loops) {
        loops.repeat(mean, width, copies);
        loops.repeat(scale, width, copies);
        loops.repeat(shift, width, copies);
        loops.repeat(meanGradient, width, copies);
        loops.repeat(slope, width, copies);
    }
}
