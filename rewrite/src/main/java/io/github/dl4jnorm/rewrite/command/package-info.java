/** The command {@link io.github.dl4jnorm.rewrite.command.ReplaceBatchNorm}, which rewrites saved models. */
package io.github.dl4jnorm.rewrite.command;
