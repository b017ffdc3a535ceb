package io.github.dl4jnorm.engine;

/** The activation that a normalization applies to its output in the same pass. */
public enum Activation {
    /** None. */
    IDENTITY,
    /** max(0, ·); NaN stays NaN. The gradient passes where the output is greater than 0, and is 0 elsewhere. */
    RELU
}
