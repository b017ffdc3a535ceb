package io.github.dl4jnorm.kernel;

/**
 * Loops in double, element by element, for what the fast loops cannot do in float. That is rare: values beyond 10¹⁹,
 * whose squares are no floats, infinities, and sums whose terms cancel altogether.
 */
final class WideRange {
    /** What rounding may change of a number that is in the range of float, generously: 2⁻²⁴ is the bound. */
    private static final double ROUNDING = 0x1p-20;

    private WideRange() {}

    static <A> double sum(InnerLoops<A> loops, A x, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += loops.get(x, i);
        }
        return sum;
    }

    /** Σx². */
    static <A> double squares(InnerLoops<A> loops, A x, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double v = loops.get(x, i);
            sum += v * v;
        }
        return sum;
    }

    /** sums = (Σdy, Σdy·(x−center)). */
    static <A> void dots(InnerLoops<A> loops, A dy, A x, int n, double center, double[] sums) {
        sums[0] = sum(loops, dy, n);
        sums[1] = 0;
        for (int i = 0; i < n; i++) {
            sums[1] += loops.get(dy, i) * (loops.get(x, i) - center);
        }
    }

    /** sums = (mean, Σ(x−mean)²). */
    static <A> void moments(InnerLoops<A> loops, A x, int n, double[] sums) {
        sums[0] = sum(loops, x, n) / n;
        sums[1] = 0;
        for (int i = 0; i < n; i++) {
            double d = loops.get(x, i) - sums[0];
            sums[1] += d * d;
        }
    }

    /** x ← (x−center)·scale + shift; as {@link InnerLoops#map}, and also if the scale is no float. */
    static <A> void map(InnerLoops<A> loops, A x, int n, double center, double scale, double shift) {
        if (fits(loops, scale)) {
            loops.map(x, n, center, scale, shift);
            return;
        }
        for (int i = 0; i < n; i++) {
            loops.set(x, i, (loops.get(x, i) - center) * scale + shift);
        }
    }

    /** Whether a factor is still nearly the same after rounding: it is not if it overflows or becomes subnormal. */
    static boolean fits(InnerLoops<?> loops, double factor) {
        return !(Math.abs(loops.round(factor) - factor) > ROUNDING * Math.abs(factor));
    }
}
