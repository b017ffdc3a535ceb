package io.github.dl4jnorm.internal.kernel;

/**
 * {@link Coefficients} of many groups side by side, repeated as often as rows are joined.
 *
 * @param <A> type of arrays
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

    /** Takes the coefficients of a forward map, in the order of the fields. */
    void setForward(double[][] coefficients, int width, int copies, InnerLoops<A> loops) {
        set(coefficients[0], center, width, copies, loops);
        set(coefficients[1], scale, width, copies, loops);
        set(coefficients[2], shift, width, copies, loops);
    }

    /** Takes all coefficients, in the order of the fields. */
    void set(double[][] coefficients, int width, int copies, InnerLoops<A> loops) {
        setForward(coefficients, width, copies, loops);
        set(coefficients[3], gradientCenter, width, copies, loops);
        set(coefficients[4], slope, width, copies, loops);
    }

    private static <A> void set(double[] from, A to, int width, int copies, InnerLoops<A> loops) {
        loops.narrow(from, width, to);
        loops.repeat(to, width, copies);
    }
}
