package io.github.dl4jnorm.keras.report;

/** How well a layer, or one of its settings, is known to compute what Keras computes. */
public enum Status {
    /** Imported; compared with Keras in this library's tests. */
    VERIFIED,
    /** Imported after a change of what DL4J would have made of it. */
    REPAIRED,
    /** Left out: it does not change what is computed in inference. */
    LEFT_OUT,
    /** Imported by a class that the caller registered with DL4J. */
    REGISTERED,
    /** Imported without a comparison: the caller asked for leniency, or the model is of Keras 1. */
    DOUBTFUL
}
