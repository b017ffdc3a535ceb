package io.github.dl4jnorm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class CliTest {
    private final StringWriter err = new StringWriter();
    private final Failing program = new Failing();

    enum Choice {
        FIRST,
        BUILTIN
    }

    @Command(name = "program", subcommands = Part.class)
    private static final class Failing implements Callable<Integer> {
        @Option(names = "--rate")
        private double rate;

        @Option(names = "--count")
        private int count;

        @Option(names = "--choice")
        private Choice choice;

        private Exception failure;
        private OutOfMemoryError shortage;

        @Override
        public Integer call() throws Exception {
            if (shortage != null) {
                throw shortage;
            }
            if (failure != null) {
                throw failure;
            }
            return 0;
        }
    }

    @Command(name = "part")
    static final class Part implements Callable<Integer> {
        @Override
        public Integer call() {
            throw new UsageError("--x and --y exclude each other");
        }
    }

    private int run(String... args) {
        return Cli.run(new CommandLine(program).setErr(new PrintWriter(err)), args);
    }

    private int runFailing(Exception failure) {
        program.failure = failure;
        return run();
    }

    private List<String> lines() {
        return err.toString().lines().toList();
    }

    @Test
    void success() {
        assertEquals(0, run("--rate=0.25", "--count=3", "--choice=builtin"));
        assertEquals(0.25, program.rate);
        assertEquals(3, program.count);
        assertEquals(Choice.BUILTIN, program.choice);
        assertEquals("", err.toString());
    }

    @Test
    void failuresAreOneLineAndExitCode1() {
        assertEquals(1, runFailing(new UserError("no such model")));
        assertEquals(1, runFailing(new IOException("disk full")));
        assertEquals(1, runFailing(new UncheckedIOException(new IOException("disk full"))));
        assertEquals(
                List.of(
                        "no such model",
                        "Reading or writing failed: java.io.IOException: disk full",
                        "Reading or writing failed: java.io.IOException: disk full"),
                lines());
    }

    @Test
    void tooLittleMemoryIsOneLineAndExitCode1() {
        program.shortage = new OutOfMemoryError("Java heap space");
        assertEquals(1, run());
        assertEquals(List.of("Out of memory: Java heap space; ask for less, or give Java more"), lines());
    }

    @Test
    void faultsOfTheProgramAreExitCode1WithAStackTrace() {
        assertEquals(1, runFailing(new IllegalStateException("never")));
        assertEquals("java.lang.IllegalStateException: never", lines().get(0));
        assertTrue(lines().get(1).contains("at "), err::toString);
    }

    @Test
    void wrongUsageIsExitCode2() {
        assertEquals(2, runFailing(new UsageError("--case 6: there are 5 cases")));
        assertEquals(2, run("--nonsense"));
        assertEquals(2, run("part"));
        assertEquals(
                List.of(
                        "--case 6: there are 5 cases",
                        "Try program --help",
                        "Unknown option: '--nonsense'",
                        "Try program --help",
                        "--x and --y exclude each other",
                        "Try program part --help"),
                lines());
    }

    /** The lower case of I is ı in Turkish; German and French have decimal commas, and some Arabic other digits. */
    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "de-DE", "fr-FR", "ar-EG"})
    void optionsAreReadAlikeInEveryLocale(String language) {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(language));
        try {
            success();
            assertEquals("builtin", Cli.optionName(Choice.BUILTIN));
            assertEquals(2, run("--rate=0,25"));
            assertEquals(
                    List.of("Invalid value for option '--rate': '0,25' is not a number above 0", "Try program --help"),
                    lines());
        } finally {
            Locale.setDefault(before);
        }
    }
}
