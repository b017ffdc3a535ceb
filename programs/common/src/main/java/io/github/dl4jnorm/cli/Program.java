package io.github.dl4jnorm.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * A program with options, among them {@code --help}. A subclass has a name and a description in a {@link Command} of its
 * own, and options in the order in which the help is to list them.
 */
@Command(abbreviateSynopsis = true, sortOptions = false)
public abstract class Program implements Callable<Integer> {
    /** The end of the description of an option that has a default value. */
    public static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    /** Behind all other options: those have a lower order. */
    @Option(
            names = {"-h", "--help"},
            order = 1,
            usageHelp = true,
            description = "Show this help")
    private boolean help;

    /** Creates a program, whose options picocli will fill in. */
    protected Program() {}

    /**
     * Does what the program is for.
     *
     * @throws IOException if reading or writing fails
     * @throws UserError if something else fails that the user can put right
     * @throws UsageError if options or arguments cannot be right
     */
    protected abstract void run() throws IOException;

    @Override
    public final Integer call() throws IOException {
        run();
        return ExitCode.OK;
    }
}
