package io.github.dl4jnorm.internal.kernel;

/**
 * The numbers of a group with which its elements are mapped: forward and where B = 0 as {@link InnerLoops#map}, else as
 * {@link InnerLoops#mapBackward}.
 */
final class Coefficients {
    /** What is subtracted from x. */
    double center;

    /** What is subtracted from dy. */
    double gradientCenter;

    double slope;
    double scale;
    double shift;
}
