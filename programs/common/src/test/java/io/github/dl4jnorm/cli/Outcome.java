package io.github.dl4jnorm.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What a program did.
 *
 * @param exitCode its exit code
 * @param out what it printed
 * @param err what it complained about
 */
public record Outcome(int exitCode, String out, String err) {
    /**
     * Runs a program as from the command line, silently.
     *
     * @param program the program
     * @param args its arguments
     * @return what it did
     */
    public static Outcome of(Program program, String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            int exitCode = Cli.run(program, args);
            return new Outcome(
                    exitCode, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
