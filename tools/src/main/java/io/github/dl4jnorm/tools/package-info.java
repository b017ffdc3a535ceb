/** Command-line tools for saved models: {@link io.github.dl4jnorm.tools.ReplaceBatchNorm}. */
package io.github.dl4jnorm.tools;
