package io.github.dl4jnorm.benchmarks.measure;

import java.util.Locale;

/** What one call of a {@link Task} does. */
public enum Phase {
    /** The forward pass of a normalization. */
    FORWARD,
    /** Its backward pass. */
    BACKWARD,
    /** One after the other. */
    BOTH,
    /** A training step of a network. */
    STEP,
    /** The outputs of a network. */
    INFERENCE,
    /** Something by itself that {@link #NEXT} does behind a normalization. */
    ALONE,
    /** What follows a normalization, without the normalization. */
    NEXT;

    /**
     * The name in tables.
     *
     * @return a lower-case word
     */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
