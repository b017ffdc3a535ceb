/**
 * Normalization kernels for arrays in CPU memory, in plain Java; nothing here knows ND4J.
 *
 * <p>Every normalization, and the gradient of every one, is <em>one or two sums per group, then an elementwise map
 * whose coefficients come from the sums</em>, as {@link io.github.dl4jnorm.spec.Statistic} says. So there are two
 * passes, {@link io.github.dl4jnorm.kernel.ForwardPass} and {@link io.github.dl4jnorm.kernel.BackwardPass}. How to walk
 * through memory follows from the strides alone: {@link io.github.dl4jnorm.kernel.Space} collapses the axes of all
 * operands jointly, and then one of two loop nests does the work:
 *
 * <ul>
 *   <li><b>rows</b>: the elements of a group lie next to each other (BatchNorm on [N, C, H, W], LayerNorm over trailing
 *       axes);
 *   <li><b>columns</b>: neighbours belong to different groups, called lanes (BatchNorm on [N, C], LayerNorm over the
 *       channels of [N, C, H, W]).
 * </ul>
 *
 * <p>Both bring a few thousand elements at a time into a Java array that stays in the L1 cache, and compute there with
 * {@link io.github.dl4jnorm.kernel.InnerLoops}. Sums over larger parts are kept in double. Work is cut at places that
 * depend on the shape only and partial sums are folded in a fixed order, so results do not depend on the number of
 * threads.
 */
package io.github.dl4jnorm.kernel;
