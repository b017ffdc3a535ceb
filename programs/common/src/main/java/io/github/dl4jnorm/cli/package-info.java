/** What all programs have in common at the command line: {@link io.github.dl4jnorm.cli.Cli}. */
package io.github.dl4jnorm.cli;
