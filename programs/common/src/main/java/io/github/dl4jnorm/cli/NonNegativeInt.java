package io.github.dl4jnorm.cli;

/** An int of at least 0, for an option's {@code converter}. */
public final class NonNegativeInt extends ValueConverter<Integer> {
    /** Creates the converter. */
    public NonNegativeInt() {
        super(Integer::valueOf, value -> value >= 0, "a whole number of at least 0");
    }
}
