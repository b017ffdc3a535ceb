package io.github.dl4jnorm.cli;

/** An int of at least 1, for an option's {@code converter}. */
public final class PositiveInt extends ValueConverter<Integer> {
    /** Creates the converter. */
    public PositiveInt() {
        super(Integer::valueOf, value -> value >= 1, "a whole number of at least 1");
    }
}
