/**
 * The SameDiff ops behind {@link io.github.dl4jnorm.SDNorm}.
 *
 * <p>Each calls the {@link io.github.dl4jnorm.engine.NormEngine} on its arrays and differentiates itself into an explicit
 * backward op, also made of one engine call. {@link io.github.dl4jnorm.samediff.JavaOp} is what lets SameDiff run Java
 * code; {@link io.github.dl4jnorm.samediff.NormOp} holds what the ops share.
 */
package io.github.dl4jnorm.samediff;
