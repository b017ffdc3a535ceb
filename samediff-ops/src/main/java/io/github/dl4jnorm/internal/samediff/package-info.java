/**
 * The SameDiff ops behind {@link io.github.dl4jnorm.SDNorm}.
 *
 * <p>Each calls the {@link io.github.dl4jnorm.internal.engine.NormEngine} on its arrays and differentiates itself into an explicit
 * backward op, also made of one engine call. {@link io.github.dl4jnorm.internal.samediff.JavaOp} is what lets SameDiff run Java
 * code; {@link io.github.dl4jnorm.internal.samediff.NormOp} holds what the ops share.
 */
@NullMarked
package io.github.dl4jnorm.internal.samediff;

import org.jspecify.annotations.NullMarked;
