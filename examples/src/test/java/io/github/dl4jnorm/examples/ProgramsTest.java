package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
        Outcome outcome = Outcome.of(new TrainDigitsCnn(), args("--norm=none", "--lr=1e30"));
        assertEquals(1, outcome.exitCode());
        assertEquals("The loss became NaN: try a smaller --lr", outcome.err().strip());
        assertFalse(Files.exists(out.resolve("none.zip")));
    }

    private Outcome run(Callable<Integer> program, String... options) {
        Outcome outcome = Outcome.of(program, args(options));
        assertEquals("", outcome.err());
        assertEquals(0, outcome.exitCode());
        return outcome;
    }

    private String[] args(String... options) {
        return Stream.concat(Stream.of("--train=300", "--test=100", "--epochs=1", "--out=" + out), Stream.of(options))
                .toArray(String[]::new);
    }
}
