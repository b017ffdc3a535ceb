package io.github.dl4jnorm.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.Cli;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class BenchmarksTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = Benchmarks.commands();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return Cli.run(line, arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--threads=0 | Invalid value for option '--threads': '0' is not a whole number of at least 1 | benchmarks",
                "--rounds=-1 | Invalid value for option '--rounds': '-1' is not a whole number of at least 1 | benchmarks",
                "--step-rounds=x | Invalid value for option '--step-rounds': 'x' is not a whole number of at least 1"
                        + " | benchmarks",
                "--nonsense | Unknown option: '--nonsense' | benchmarks",
                "zoo --runs=0 | Invalid value for option '--runs': '0' is not a whole number of at least 1"
                        + " | benchmarks zoo",
                "next --threads=0 | Invalid value for option '--threads': '0' is not a whole number of at least 1"
                        + " | benchmarks next",
                "next --spin-micros=0,-5 | Invalid value for option '--spin-micros' (<spins>): '-5' is not a whole number of"
                        + " at least 0 | benchmarks next"
            })
    void wrongOptionsAreExitCode2(String arguments, String message, String command) {
        assertEquals(2, run(arguments.split(" ")));
        assertEquals(
                List.of(message, "Try " + command + " --help"),
                err.toString().lines().toList());
    }

    /** The process of a contender cannot be started without the class path that Maven sets. */
    @Test
    void aFailureIsExitCode1() {
        assertEquals(1, run("--smoke", "--no-steps", "--no-accuracy", "--contenders=pytorch"));
        assertEquals(
                List.of("The system property benchmarks.peers is missing, the class path of PyTorch and oneDNN: run mvn"
                        + " compile -pl benchmarks -am -Dbenchmark"),
                err.toString().lines().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "zoo --help", "next --help"})
    void helpSaysWhatExitCodesMean(String arguments) {
        assertEquals(0, run(arguments.split(" ")));
        assertTrue(
                out.toString()
                        .replaceAll("\\s+", " ")
                        .contains("Exit codes: 0 success 1 failure; the message says why 2 wrong options or arguments;"
                                + " nothing was done"),
                out::toString);
    }
}
