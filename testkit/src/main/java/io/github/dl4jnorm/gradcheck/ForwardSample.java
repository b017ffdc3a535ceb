package io.github.dl4jnorm.gradcheck;

import java.util.List;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * What one run of a forward pass shows.
 *
 * @param jacobian its derivatives by x
 * @param shape shape of x and y
 * @param x the input
 * @param y the output
 * @param weights for each other input that is broadcast, the derivative of each output by its element of that: x̂ for a
 *     γ and 1 for a β, times the slope of an activation
 */
record ForwardSample(RealMatrix jacobian, long[] shape, double[] x, double[] y, List<double[]> weights) {}
