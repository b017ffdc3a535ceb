/** What the programs learn: drawn or downloaded digits, the network that reads them, and the options of a training. */
@NullMarked
package io.github.dl4jnorm.digits;

import org.jspecify.annotations.NullMarked;
