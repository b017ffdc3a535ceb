package io.github.dl4jnorm.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Runs programs, which all fail alike: with one line per error, and exit codes that tell a wrong command line (2) from
 * what failed (1), as their {@code --help} says. An option of type int is a count, from 1 on, one of type double is above
 * 0, and names of enums are written in any case.
 */
public final class Cli {
    private static final Map<String, String> EXIT_CODES = exitCodes();

    private Cli() {}

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put(" " + ExitCode.OK, "success");
        codes.put(" " + ExitCode.SOFTWARE, "failure; the message says why");
        codes.put(" " + ExitCode.USAGE, "wrong options or arguments; nothing was done");
        return codes;
    }

    /**
     * Runs a program and ends the process with its exit code.
     *
     * @param program the program
     * @param args its arguments
     */
    public static void main(Program program, String... args) {
        System.exit(run(program, args));
    }

    /**
     * Runs a program.
     *
     * @param program the program
     * @param args its arguments
     * @return the exit code: 0, 1 for a failure, 2 for a wrong command line
     */
    public static int run(Program program, String... args) {
        return run(new CommandLine(program), args);
    }

    /**
     * Runs a program with subcommands, or one of them.
     *
     * @param line the command
     * @param args the program's arguments
     * @return the exit code: 0, 1 for a failure, 2 for a wrong command line
     */
    public static int run(CommandLine line, String... args) {
        System.setProperty("java.awt.headless", "true");
        describeExitCodes(line);
        line.setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(int.class, new PositiveInt())
                .registerConverter(Integer.class, new PositiveInt())
                .registerConverter(double.class, new PositiveDouble())
                .setParameterExceptionHandler((e, a) -> wrongUsage(e.getCommandLine(), e))
                .setExecutionExceptionHandler((e, executed, parsed) -> failure(e, executed));
        try {
            return line.execute(args);
        } catch (OutOfMemoryError e) {
            line.getErr().println("Out of memory: " + e.getMessage() + "; ask for less, or give Java more");
            return ExitCode.SOFTWARE;
        }
    }

    /**
     * An enum's name as it is typed on a command line.
     *
     * @param value the constant
     * @return its name in lower case
     */
    public static String optionName(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void describeExitCodes(CommandLine line) {
        UsageMessageSpec usage = line.getCommandSpec().usageMessage();
        if (usage.exitCodeList().isEmpty()) {
            usage.exitCodeListHeading("Exit codes:%n").exitCodeList(EXIT_CODES);
        }
        line.getSubcommands().values().forEach(Cli::describeExitCodes);
    }

    private static int wrongUsage(CommandLine line, Exception e) {
        line.getErr().println(e.getMessage());
        line.getErr().println("Try " + line.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    /** What a user can put right is one line; all else is a fault of the program, whose stack trace picocli prints. */
    private static int failure(Exception e, CommandLine line) throws Exception {
        if (e instanceof UsageError) {
            return wrongUsage(line, e);
        }
        if (e instanceof UserError) {
            line.getErr().println(e.getMessage());
        } else if (e instanceof IOException) {
            line.getErr().println("Reading or writing failed: " + e);
        } else if (e instanceof UncheckedIOException) {
            line.getErr().println("Reading or writing failed: " + e.getCause());
        } else {
            throw e;
        }
        return ExitCode.SOFTWARE;
    }
}
