package io.github.dl4jnorm.kernel;

/**
 * Sums that are formed once more in double, element by element, when the fast loops left the range of float. That is
 * rare: values beyond 10¹⁹, whose squares are no floats, or infinities and NaN.
 */
final class Careful {
    private Careful() {}

    static <A> double sum(InnerLoops<A> loops, A x, int n) {
        double fast = loops.sum(x, n);
        return Double.isFinite(fast) ? fast : sumInDouble(loops, x, n);
    }

    private static <A> double sumInDouble(InnerLoops<A> loops, A x, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += loops.get(x, i);
        }
        return sum;
    }

    static <A> void dots(InnerLoops<A> loops, A dy, A x, int n, double mean, double[] sums) {
        loops.dots(dy, x, n, mean, sums);
        if (!Double.isFinite(sums[0]) || !Double.isFinite(sums[1])) {
            sums[0] = sumInDouble(loops, dy, n);
            sums[1] = 0;
            for (int i = 0; i < n; i++) {
                sums[1] += loops.get(dy, i) * (loops.get(x, i) - mean);
            }
        }
    }

    /** sums = (mean, Σ(x−mean)²). */
    static <A> void moments(InnerLoops<A> loops, A x, int n, double[] sums) {
        sums[0] = sumInDouble(loops, x, n) / n;
        sums[1] = 0;
        for (int i = 0; i < n; i++) {
            double d = loops.get(x, i) - sums[0];
            sums[1] += d * d;
        }
    }

    /** x ← (x−mean)·scale + shift; as {@link InnerLoops#map}, and also if the scale is no float. */
    static <A> void map(InnerLoops<A> loops, A x, int n, double mean, double scale, double shift) {
        if (fits(loops, scale)) {
            loops.map(x, n, mean, scale, shift);
            return;
        }
        for (int i = 0; i < n; i++) {
            loops.set(x, i, (loops.get(x, i) - mean) * scale + shift);
        }
    }

    /** Whether a factor is still nearly the same after rounding: it is not if it overflows or becomes subnormal. */
    static boolean fits(InnerLoops<?> loops, double factor) {
        return !(Math.abs(loops.round(factor) - factor) > 1e-6 * Math.abs(factor));
    }
}
