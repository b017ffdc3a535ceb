package io.github.dl4jnorm.keras.internal.support;

import java.util.function.Predicate;

/**
 * Something about a layer and what goes into it that is known to be imported wrongly.
 *
 * @param wrong whether a use of the layer is such
 * @param when when that is, in words
 * @param why why, and what would work
 */
record Condition(Predicate<Use> wrong, String when, String why) {}
