/**
 * What all programs have in common at the command line: {@link io.github.dl4jnorm.cli.Program} is one, and
 * {@link io.github.dl4jnorm.cli.Cli} runs it.
 */
@NullMarked
package io.github.dl4jnorm.cli;

import org.jspecify.annotations.NullMarked;
