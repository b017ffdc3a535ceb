/**
 * Checks that a DL4J layer, ours or any other, does what DL4J expects of it: {@link
 * io.github.dl4jnorm.layercheck.LayerCheck} runs every {@link io.github.dl4jnorm.layercheck.Check} on one layer
 * configuration and makes a {@link io.github.dl4jnorm.layercheck.LayerCheckReport} of one line per check. It depends on no test
 * framework, and serves in tests as well as in a {@code main} method.
 */
@NullMarked
package io.github.dl4jnorm.layercheck;

import org.jspecify.annotations.NullMarked;
