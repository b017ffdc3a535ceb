package io.github.dl4jnorm.examples;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The manners of all programs: one line per error; exit code 2 for bad options, 1 for other failures. */
public final class Cli {
    private Cli() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param command annotated for picocli
     * @param args the program's arguments
     */
    public static void main(Callable<Integer> command, String... args) {
        System.exit(run(command, args));
    }

    /**
     * Runs a command.
     *
     * @param command annotated for picocli
     * @param args the program's arguments
     * @return the exit code
     */
    public static int run(Callable<Integer> command, String... args) {
        System.setProperty("java.awt.headless", "true");
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, a) -> badOption(e))
                .setExecutionExceptionHandler((e, line, parsed) -> failure(e, line))
                .execute(args);
    }

    private static int badOption(CommandLine.ParameterException e) {
        CommandLine line = e.getCommandLine();
        line.getErr().printf("%s%nTry %s --help%n", e.getMessage(), line.getCommandName());
        return CommandLine.ExitCode.USAGE;
    }

    private static int failure(Exception e, CommandLine line) throws Exception {
        if (e instanceof UserError) {
            line.getErr().println(e.getMessage());
        } else if (e instanceof IOException) {
            line.getErr().println("Reading or writing failed: " + e);
        } else {
            throw e;
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** An int of at least 1. */
    public static final class PositiveInt implements ITypeConverter<Integer> {
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

    /** A double above 0. */
    static final class PositiveDouble implements ITypeConverter<Double> {
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

    /**
     * An enum's name as it is typed on a command line.
     *
     * @param value the constant
     * @return its name in lower case
     */
    static String optionName(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
