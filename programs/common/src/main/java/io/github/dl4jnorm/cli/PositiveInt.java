package io.github.dl4jnorm.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An int of at least 1, for an option's {@code converter}. */
public final class PositiveInt implements ITypeConverter<Integer> {
    /** Creates the converter. */
    public PositiveInt() {}

    @Override
    public Integer convert(String text) {
        try {
            int value = Integer.parseInt(text);
            if (value >= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // the message below says it all
        }
        throw new TypeConversionException("'" + text + "' is not a whole number of at least 1");
    }
}
