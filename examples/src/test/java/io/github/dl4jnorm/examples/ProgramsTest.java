package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.Outcome;
import io.github.dl4jnorm.cli.Program;
import io.github.dl4jnorm.digits.Norm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole programs, on few images. */
class ProgramsTest {
    @TempDir
    private Path out;

    @ParameterizedTest
    @EnumSource
    void trainsSavesAndReloads(Norm norm) {
        Outcome outcome = run(new TrainDigitsCnn(), "--norm=" + norm);
        assertTrue(outcome.out().contains("loaded again: test accuracy 0."), outcome.out());
        assertTrue(Files.exists(out.resolve(norm + ".zip")));
        assertTrue(Files.exists(out.resolve("images.png")));
    }

    @Test
    void trainsASameDiffGraph() {
        Outcome outcome = run(new TrainDigitsSameDiff());
        assertTrue(outcome.out().contains("loaded again: test accuracy 0."), outcome.out());
        assertTrue(Files.exists(out.resolve("samediff.fb")));
    }

    @Test
    void comparesNormalizations() {
        Outcome outcome = run(new CompareNorms(), "--norms=none,batch");
        String table = outcome.out().substring(outcome.out().indexOf("ms/step"));
        assertTrue(table.matches("(?s)ms/step\\R(batch +[0-9. ]+\\R)(none +[0-9. ]+\\R)\\RChart .*"), table);
    }

    @Test
    void aLossThatIsNoNumberEndsTheTraining() {
        assertDiverges(new TrainDigitsCnn(), "", 1, "--norm=none", "--lr=1e30");
        assertFalse(Files.exists(out.resolve("none.zip")));
    }

    /** One step: that the network is ruined shows in its outputs first, not in a loss. */
    @ParameterizedTest
    @EnumSource(names = {"BATCH", "NONE"})
    void outputsThatAreNoNumbersEndTheTraining(Norm norm) {
        assertDiverges(new TrainDigitsCnn(), "", 1, "--norm=" + norm, "--train=64", "--lr=1e30");
        assertFalse(Files.exists(out.resolve(norm + ".zip")));
    }

    @Test
    void outputsThatAreNoNumbersEndTheTrainingOfAGraph() {
        assertDiverges(new TrainDigitsSameDiff(), "", 1, "--train=64", "--lr=1e30");
        assertFalse(Files.exists(out.resolve("samediff.fb")));
    }

    @Test
    void aComparisonSaysWhichNormalizationDiverged() {
        assertDiverges(new CompareNorms(), "--norms batch: ", 1, "--norms=batch", "--train=64", "--lr=1e30");
    }

    private void assertDiverges(Program program, String start, int step, String... options) {
        Outcome outcome = Outcome.of(program, args(options));
        assertEquals(
                start + "The training diverged: the loss is NaN after step " + step + "; try a smaller --lr",
                outcome.err().strip());
        assertEquals(1, outcome.exitCode());
    }

    /** As for a pipe: the JVM of tests has no terminal. */
    @Test
    void noProgressBarWithoutATerminal() {
        Outcome outcome = run(new TrainDigitsCnn());
        assertFalse(outcome.out().contains("\r"), outcome.out());
    }

    /** German has a decimal comma, Turkish an i without a dot, and this Arabic other digits. */
    @ParameterizedTest
    @ValueSource(strings = {"de-DE", "tr-TR", "ar-EG"})
    void numbersAndNamesAreTheSameInEveryLocale(String language) {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(language));
        try {
            Outcome trained = run(new TrainDigitsCnn(), "--norm=builtin", "--lr=0.002", "--data=digits");
            String line = trained.out()
                    .lines()
                    .filter(text -> text.contains("1/1"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(line.matches(" +1/1 +\\d+\\.\\d{4} +\\d\\.\\d{4} +\\d\\.\\d{4} +\\d+\\.\\d"), line);
            assertTrue(trained.out().matches("(?s).*test accuracy \\d\\.\\d{4}, as before.*"), trained.out());
            Outcome compared = run(new CompareNorms(), "--norms=none");
            assertTrue(compared.out().matches("(?s).*none +\\d+\\.\\d{4} +\\d\\.\\d{4} .*"), compared.out());
            run(new TrainDigitsSameDiff());
        } finally {
            Locale.setDefault(before);
        }
    }

    private Outcome run(Program program, String... options) {
        Outcome outcome = Outcome.of(program, args(options));
        assertEquals("", outcome.err());
        assertEquals(0, outcome.exitCode());
        return outcome;
    }

    private String[] args(String... options) {
        boolean size = Stream.of(options).anyMatch(option -> option.startsWith("--train"));
        return Stream.concat(
                        Stream.of(size ? "" : "--train=300", "--test=100", "--epochs=1", "--out=" + out)
                                .filter(option -> !option.isEmpty()),
                        Stream.of(options))
                .toArray(String[]::new);
    }
}
