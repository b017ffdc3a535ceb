/**
 * What the tests of every module compare with: oracles written as loops over plain doubles, central differences, the
 * ways an array can lie in memory, and the one place of tolerances.
 *
 * <p>Nothing here uses the library or ND4J's reductions, so an oracle cannot share a bug with what it judges. {@link
 * io.github.dl4jnorm.testing.Reference} is the formula, {@link io.github.dl4jnorm.testing.BatchNormPaths} derives
 * BatchNorm's gradient in two other ways, and {@link io.github.dl4jnorm.testing.Differences} needs no derivation at
 * all.
 */
package io.github.dl4jnorm.testing;
