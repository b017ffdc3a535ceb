/** What the programs learn: drawn or downloaded digits, the network that reads them, and the options of a training. */
package io.github.dl4jnorm.digits;
