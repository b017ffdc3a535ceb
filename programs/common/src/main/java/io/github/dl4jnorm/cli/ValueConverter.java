package io.github.dl4jnorm.cli;

import java.util.function.Function;
import java.util.function.Predicate;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the value of an option whose type has more values than the option, for the option's {@code converter}.
 *
 * @param <T> type of the value
 */
public abstract class ValueConverter<T> implements ITypeConverter<T> {
    private final Function<String, T> parser;
    private final Predicate<T> valid;
    private final String expected;

    /**
     * Creates a converter.
     *
     * @param parser makes a value of text, or throws a NumberFormatException
     * @param valid whether the option may have a value
     * @param expected what the option may have, for the message that refuses all else: "a number above 0"
     */
    protected ValueConverter(Function<String, T> parser, Predicate<T> valid, String expected) {
        this.parser = parser;
        this.valid = valid;
        this.expected = expected;
    }

    @Override
    public final T convert(String text) {
        try {
            T value = parser.apply(text);
            if (valid.test(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // The message below says it all.
        }
        throw new TypeConversionException("'" + text + "' is not " + expected);
    }
}
