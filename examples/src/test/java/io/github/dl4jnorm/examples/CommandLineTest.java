package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void tooManyMnistImages() {
        Outcome outcome = Outcome.of(new TrainDigitsCnn(), "--data=mnist", "--train=60001");
        assertEquals(1, outcome.exitCode());
        assertEquals(
                "--train 60001 is more than the 60000 images of MNIST",
                outcome.err().strip());
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
