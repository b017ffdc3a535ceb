/** The command {@link io.github.dl4jnorm.rewrite.command.ReplaceBatchNorm}, which rewrites saved models. */
@NullMarked
package io.github.dl4jnorm.rewrite.command;

import org.jspecify.annotations.NullMarked;
