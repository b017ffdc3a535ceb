package io.github.dl4jnorm.kernel;

/**
 * Loops in double, element by element, for what the fast loops cannot do in float. That is rare: values beyond 10¹⁹,
 * whose squares are no floats, and infinities.
 */
final class WideRange {
    /** What rounding may change of a number that is in the range of float, generously: 2⁻²⁴ is the bound. */
    private static final double ROUNDING = 0x1p-20;

    private WideRange() {}

    static <A> double sum(InnerLoops<A> loops, Tile x) {
        double sum = 0;
        for (int row = 0; row < x.rows; row++) {
            for (int i = 0; i < x.length; i++) {
                sum += loops.get(x, row, i);
            }
        }
        return sum;
    }

    /** Σx². */
    static <A> double squares(InnerLoops<A> loops, Tile x) {
        return squares(loops, x, 0);
    }

    private static <A> double squares(InnerLoops<A> loops, Tile x, double center) {
        double sum = 0;
        for (int row = 0; row < x.rows; row++) {
            for (int i = 0; i < x.length; i++) {
                double d = loops.get(x, row, i) - center;
                sum += d * d;
            }
        }
        return sum;
    }

    /** sums = (Σg, Σg·(x−center)) with g = gamma·dy, gamma per column; null for 1. */
    static <A> void dots(InnerLoops<A> loops, Tile dy, Tile x, double center, A gamma, double[] sums) {
        sums[0] = 0;
        sums[1] = 0;
        for (int row = 0; row < x.rows; row++) {
            for (int i = 0; i < x.length; i++) {
                double g = loops.get(dy, row, i) * (gamma == null ? 1 : loops.get(gamma, i));
                sums[0] += g;
                sums[1] += g * (loops.get(x, row, i) - center);
            }
        }
    }

    /** sums = (mean, Σ(x−mean)²). */
    static <A> void moments(InnerLoops<A> loops, Tile x, double[] sums) {
        sums[0] = sum(loops, x) / ((double) x.rows * x.length);
        sums[1] = squares(loops, x, sums[0]);
    }

    /** y = (x−center)·scale + shift; as {@link InnerLoops#map}, and also if the scale is no float. */
    static <A> void map(InnerLoops<A> loops, Tile x, Tile y, double center, double scale, double shift) {
        if (fits(loops, scale)) {
            loops.map(x, y, center, scale, shift);
            return;
        }
        for (int row = 0; row < x.rows; row++) {
            for (int i = 0; i < x.length; i++) {
                loops.set(y, row, i, (loops.get(x, row, i) - center) * scale + shift);
            }
        }
    }

    /** Whether a factor is still nearly the same after rounding: it is not if it overflows or becomes subnormal. */
    static boolean fits(InnerLoops<?> loops, double factor) {
        return !(Math.abs(loops.round(factor) - factor) > ROUNDING * Math.abs(factor));
    }
}
