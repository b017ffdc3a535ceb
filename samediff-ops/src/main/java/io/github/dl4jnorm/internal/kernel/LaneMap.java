package io.github.dl4jnorm.internal.kernel;

import java.util.function.Supplier;

/**
 * {@link Coefficients} of many groups side by side, repeated as often as rows are joined.
 *
 * @param <A> type of arrays
 */
final class LaneMap<A> {
    final A center;
    final A gradientCenter;
    final A slope;
    final A scale;
    final A shift;

    LaneMap(Supplier<A> array) {
        center = array.get();
        gradientCenter = array.get();
        slope = array.get();
        scale = array.get();
        shift = array.get();
    }
}
