/**
 * Tools for gradients derived by hand.
 *
 * <ul>
 *   <li>{@link io.github.dl4jnorm.gradcheck.Jacobian}: all derivatives of a function, from differences or from its
 *       backward pass.
 *   <li>{@link io.github.dl4jnorm.gradcheck.GradCheck}: whether a backward pass is right, in the manner of PyTorch's
 *       {@code gradcheck}.
 *   <li>{@link io.github.dl4jnorm.gradcheck.GradientDoctor}: why it is not.
 * </ul>
 *
 * <p>All of them take a {@link io.github.dl4jnorm.gradcheck.Differentiable}, a forward pass with its backward pass. They
 * work in double: differences of single-precision results carry three digits at best.
 */
@NullMarked
package io.github.dl4jnorm.gradcheck;

import org.jspecify.annotations.NullMarked;
