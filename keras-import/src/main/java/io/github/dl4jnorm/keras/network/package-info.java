/**
 * What imported networks are made of where neither DL4J nor this library has a layer: networks name these classes when
 * they are saved, so programs that load them need this module.
 */
@NullMarked
package io.github.dl4jnorm.keras.network;

import org.jspecify.annotations.NullMarked;
