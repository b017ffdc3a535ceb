package io.github.dl4jnorm.kernel;

/** What a {@link Pass} sums over each group, as the pair (a, b). */
enum Reduction {
    /** Nothing. */
    NONE,
    /** a = Σx. */
    SUM,
    /** a = mean of x, less {@link Sums#base}, b = Σ(x−mean)². */
    MOMENTS,
    /** a = Σdy, b = Σdy·(x−m) with a given m. */
    DOTS
}
