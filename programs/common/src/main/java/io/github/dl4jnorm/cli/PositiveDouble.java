package io.github.dl4jnorm.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A finite double above 0, with a decimal point in every locale, for an option's {@code converter}. */
public final class PositiveDouble implements ITypeConverter<Double> {
    /** Creates the converter. */
    public PositiveDouble() {}

    @Override
    public Double convert(String text) {
        try {
            double value = Double.parseDouble(text);
            if (value > 0 && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // the message below says it all
        }
        throw new TypeConversionException("'" + text + "' is not a number above 0");
    }
}
