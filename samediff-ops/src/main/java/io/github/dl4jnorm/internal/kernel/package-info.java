/**
 * Normalization kernels for arrays in CPU memory, in plain Java; nothing here knows ND4J.
 *
 * <p>Every normalization, and the gradient of every one, is <em>one or two sums per group, then an elementwise map
 * whose coefficients come from the sums</em>, as {@link io.github.dl4jnorm.spec.Statistic} says. So there are two
 * passes, {@link io.github.dl4jnorm.internal.kernel.ForwardPass} and {@link io.github.dl4jnorm.internal.kernel.BackwardPass}. How to walk
 * through memory follows from the strides alone: {@link io.github.dl4jnorm.internal.kernel.Space} collapses the axes of all
 * operands jointly, and then one of two loop nests does the work:
 *
 * <ul>
 *   <li><b>rows</b>: the elements of a group lie next to each other (BatchNorm on [N, C, H, W], LayerNorm over trailing
 *       axes);
 *   <li><b>columns</b>: neighbours belong to different groups, called lanes (BatchNorm on [N, C], LayerNorm over the
 *       channels of [N, C, H, W]).
 * </ul>
 *
 * <p>The letters are groups, in the order of memory:
 *
 * <pre>
 * rows: BatchNorm of [N, C, H·W] = [2, 3, 4]            columns: BatchNorm of [N, C] = [4, 6]
 *
 *   a a a a  b b b b  c c c c    example 0               lane   a b c | d e f
 *   a a a a  b b b b  c c c c    example 1               row 0  a b c | d e f  ┐ tile: some rows of a slice
 *   └ run ┘                                              row 1  a b c | d e f  ┘
 *                                                        row 2  a b c | d e f
 *   tile:    several runs of a group,                    row 3  a b c | d e f
 *            or a piece of a long one                           └───┘ slice: the lanes of one task
 *   segment: the tiles whose sums one task forms         segment: the rows whose sums one task forms
 * </pre>
 *
 * <p>Both walk through {@link io.github.dl4jnorm.internal.kernel.Tile tiles}, rectangles of some thousand elements, where these lie
 * in memory ({@link io.github.dl4jnorm.internal.kernel.Tiles} copies only what does not lie densely), and compute with {@link
 * io.github.dl4jnorm.internal.kernel.InnerLoops}: the vector loops read and write that memory itself, the scalar ones copy pieces
 * to Java arrays and back, since the JIT vectorizes nothing else. Sums over larger parts are kept in double. Work is cut
 * at places that depend on the shape only and partial sums are folded in a fixed order, so results do not depend on the
 * number of threads.
 *
 * <p>Groups that the range of float is too small for are found by their sums and coefficients, and done again in double,
 * element by element, by {@link io.github.dl4jnorm.internal.kernel.WideGroups}.
 *
 * <p>A pass is {@linkplain io.github.dl4jnorm.internal.kernel.NormKernels#prepare prepared} once per shape and strides, and run for
 * as many arrays as come. The classes for double are derived from those for float by the build.
 */
@NullMarked
package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.NullMarked;
