package io.github.dl4jnorm.layer;

import java.util.Arrays;
import java.util.List;

/**
 * A parameter array of a layer.
 *
 * @param name its key; no underscore, at which DL4J would split it
 * @param role what may change it
 * @param initial value of every element before training
 * @param shape shape; a size of 0 is not known yet
 */
record Parameter(String name, Role role, double initial, List<Long> shape) {
    Parameter(String name, Role role, double initial, long... sizes) {
        this(name, role, initial, Arrays.stream(sizes).boxed().toList());
    }

    /** What may change a parameter. */
    enum Role {
        /** Gradients, as a weight. */
        SCALE,
        /** Gradients, as a bias. */
        SHIFT,
        /** Only the layer itself: no gradient, updater, regularization, noise or constraint. */
        STATISTIC
    }

    long length() {
        return Arrays.stream(sizes()).reduce(1, (a, b) -> a * b);
    }

    long[] sizes() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
