package io.github.dl4jnorm.internal.kernel;

/** Whether the type of the arrays can hold the numbers that a group is mapped with. */
final class Range {
    /** What rounding may change of a number that is in the range of float, generously: 2⁻²⁴ is the bound. */
    private static final double ROUNDING = 0x1p-20;

    private Range() {}

    /** Whether a factor is still nearly the same after rounding: it is not if it overflows or becomes subnormal. */
    static boolean holds(InnerLoops<?> loops, double factor) {
        return !(Math.abs(loops.round(factor) - factor) > ROUNDING * Math.abs(factor));
    }

    /** Whether what is added to a number of the type, or taken from it, leaves it in the range; an infinity may. */
    static boolean isSmall(InnerLoops<?> loops, double term) {
        return !(Math.abs(term) >= loops.negligible()) || Double.isInfinite(term);
    }

    /** Whether a number of the type is not infinite, and not subnormal. */
    static boolean isNormal(InnerLoops<?> loops, double value) {
        return value == 0 || Double.isNaN(value) || Double.isFinite(value) && Math.abs(value) >= loops.smallestNormal();
    }

    /** Whether elements can be mapped with coefficients of y = (x−center)·scale + shift. */
    static boolean holdsMap(InnerLoops<?> loops, Coefficients c) {
        return isSmall(loops, c.center) && holds(loops, c.scale) && isSmall(loops, c.shift);
    }

    /** The same with dx = ((dy−gradientCenter) − (x−center)·slope)·scale + shift. */
    static boolean holdsBackwardMap(InnerLoops<?> loops, Coefficients c) {
        return holdsMap(loops, c) && isSmall(loops, c.gradientCenter) && holds(loops, c.slope);
    }
}
