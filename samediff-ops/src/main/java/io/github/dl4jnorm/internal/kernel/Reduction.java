package io.github.dl4jnorm.internal.kernel;

/** What a {@link NormPass} sums over each group, as the pair (a, b) of {@link Sums}. */
enum Reduction {
    /** Nothing. */
    NONE,
    /** a = Σx. */
    SUM,
    /** b = Σx². */
    SQUARES,
    /** a = mean of x, less {@link Sums#base}, b = Σ(x−mean)². */
    MOMENTS,
    /** a = Σdy, b = Σdy·(x−c) with the c of the group. */
    DOTS
}
