package io.github.dl4jnorm.cli;

/** A finite double above 0, with a decimal point in every locale, for an option's {@code converter}. */
public final class PositiveDouble extends ValueConverter<Double> {
    /** Creates the converter. */
    public PositiveDouble() {
        super(Double::valueOf, value -> value > 0 && Double.isFinite(value), "a number above 0");
    }
}
