package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.Outcome;
import io.github.dl4jnorm.cli.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--norm=group     | '--norm': expected one of [BATCH, LAYER, SUM, BUILTIN, NONE] (case-insensitive) but was 'group'",
                "--data=cifar     | '--data': expected one of [DIGITS, MNIST] (case-insensitive) but was 'cifar'",
                "--epochs=0       | '--epochs': '0' is not a whole number of at least 1",
                "--epochs=many    | '--epochs': 'many' is not a whole number of at least 1",
                "--batch=-1       | '--batch': '-1' is not a whole number of at least 1",
                "--train=1.5      | '--train': '1.5' is not a whole number of at least 1",
                "--test=0         | '--test': '0' is not a whole number of at least 1",
                "--lr=0           | '--lr': '0' is not a number above 0",
                "--lr=NaN         | '--lr': 'NaN' is not a number above 0",
                "--seed=x         | '--seed': 'x' is not a long",
                "--epoch=3        | Unknown option: '--epoch=3'",
            })
    void badOptionIsOneLineAndExitCode2(String option, String message) {
        Outcome outcome = Outcome.of(new TrainDigitsCnn(), option);
        assertEquals(2, outcome.exitCode());
        String[] lines = outcome.err().split("\\R");
        assertEquals(2, lines.length, outcome.err());
        assertTrue(lines[0].contains(message), lines[0]);
        assertEquals("Try TrainDigitsCnn --help", lines[1]);
        assertEquals("", outcome.out());
    }

    @Test
    void helpNamesEveryOption() {
        Outcome outcome = Outcome.of(new TrainDigitsCnn(), "--help");
        assertEquals(0, outcome.exitCode());
        for (String option : new String[] {
            "--norm", "--data", "--train", "--test", "--epochs", "--batch", "--lr", "--seed", "--out", "--help"
        }) {
            assertTrue(outcome.out().contains(option), option + " in:\n" + outcome.out());
        }
        assertTrue(outcome.out().contains("batch, layer, sum, builtin, none (default: batch)"), outcome.out());
    }

    @Test
    void helpSaysWhatExitCodesMean() {
        for (Program program :
                List.of(new TrainDigitsCnn(), new TrainDigitsSameDiff(), new CompareNorms(), new ExplainGradient())) {
            String help = Outcome.of(program, "--help").out();
            assertTrue(
                    help.replaceAll("\\s+", " ")
                            .contains("Exit codes: 0 success 1 failure; the message says why"
                                    + " 2 wrong options or arguments; nothing was done"),
                    help);
        }
    }

    @Test
    void tooManyMnistImages() {
        assertUsage(
                new TrainDigitsCnn(),
                "--train 60001 is more than the 60000 images of MNIST",
                "--data=mnist",
                "--train=60001");
        assertUsage(
                new TrainDigitsCnn(),
                "--test 10001 is more than the 10000 images of MNIST",
                "--data=mnist",
                "--test=10001");
    }

    @Test
    void noSuchCase() {
        assertUsage(new ExplainGradient(), "--case 6: there are 5 cases", "--case=6");
    }

    private static void assertUsage(Program program, String message, String... options) {
        Outcome outcome = Outcome.of(program, options);
        assertEquals(
                List.of(message, "Try " + program.getClass().getSimpleName() + " --help"),
                outcome.err().lines().toList());
        assertEquals(2, outcome.exitCode());
        assertEquals("", outcome.out());
    }

    @Test
    void outputDirectoryIsAFile(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Outcome outcome = Outcome.of(new TrainDigitsCnn(), "--out=" + file);
        assertEquals(1, outcome.exitCode());
        assertEquals(1, outcome.err().strip().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("Reading or writing failed: "), outcome.err());
        assertTrue(outcome.err().contains(file.toString()), outcome.err());
    }
}
