package io.github.dl4jnorm.keras.internal.model;

/** What became of a layer; the public report has the same names. */
public enum Status {
    /** Imported; compared with Keras. */
    VERIFIED,
    /** Imported after a change of what DL4J would have made of it. */
    REPAIRED,
    /** Left out: it does not change what is computed in inference. */
    LEFT_OUT,
    /** Imported by a class that the caller registered with DL4J. */
    REGISTERED,
    /** Imported without a comparison. */
    DOUBTFUL
}
