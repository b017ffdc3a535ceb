/**
 * Changes to whole networks, trained or not: {@link io.github.dl4jnorm.rewrite.BatchNormReplacement} puts our
 * BatchNorm in the place of DL4J's, and back, and {@link io.github.dl4jnorm.rewrite.BatchNormFolding} merges
 * batch normalizations into the layers below them.
 *
 * <p>Each call returns a new network and a report of every layer that it looked at, and leaves the network it was given
 * as it was. Listeners are not taken along.
 */
@NullMarked
package io.github.dl4jnorm.rewrite;

import org.jspecify.annotations.NullMarked;
