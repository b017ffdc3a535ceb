package io.github.dl4jnorm.gradcheck;

/**
 * What one run of a forward pass shows.
 *
 * @param jacobian its derivatives
 * @param shape shape of x and y
 * @param x the input
 * @param y the output
 */
record ForwardSample(Matrix jacobian, long[] shape, double[] x, double[] y) {}
