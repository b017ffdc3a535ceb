package io.github.dl4jnorm.kernel;

/** The numbers of a group with which its elements are mapped; see {@link InnerLoops#map} and its backward twin. */
final class Coefficients {
    double mean;
    double scale;
    double shift;
    double meanGradient;
    double slope;
}
