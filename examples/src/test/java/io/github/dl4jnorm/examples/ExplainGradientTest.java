package io.github.dl4jnorm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.Outcome;
import io.github.dl4jnorm.gradcheck.Cause;
import io.github.dl4jnorm.gradcheck.Diagnosis;
import io.github.dl4jnorm.gradcheck.Finding.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainGradientTest {
    @TempDir
    private Path directory;

    @Test
    void elementWiseDerivativesAreTheDiagonal() {
        Diagnosis diagnosis = diagnosis(1, 0);
        assertEquals(List.of(Cause.DIAGONAL_ONLY), diagnosis.causes(), diagnosis::toString);
        assertEquals("BatchNorm in training of [5, 8] over axis 0, M = 5, ε = 1.0e-05", diagnosis.forward());
        assertContains(diagnosis, "every output depends on every input along axes [0]");
        assertContains(diagnosis, "the true Jacobian's largest value is 0,");
    }

    @Test
    void sumNormalizationKeepsTheDiagonalOrLosesItsInput() {
        Diagnosis vector = diagnosis(2, 0);
        assertEquals(List.of(Cause.DIAGONAL_ONLY), vector.causes(), vector::toString);
        assertEquals("x/Σx of [6] over axis 0, ε = 0.0", vector.forward());
        Diagnosis images = diagnosis(2, 1);
        assertEquals(List.of(Cause.INPUT_OVERWRITTEN, Cause.FORWARD_MODIFIES_INPUT), images.causes(), images::toString);
    }

    @Test
    void theReadmeShowsWhatIsPrinted() throws IOException {
        String printed = String.join("\n", diagnosis(2, 0).toString().lines().toList());
        assertTrue(Files.readString(Path.of("../README.md")).contains("```\n" + printed + "\n```"), printed);
    }

    @Test
    void trainingFormulaInTestMode() {
        assertTrue(diagnosis(3, 0).healthy());
        Diagnosis diagnosis = diagnosis(3, 1);
        assertEquals(List.of(Cause.TRAINING_FORMULA_IN_INFERENCE), diagnosis.causes(), diagnosis::toString);
        assertEquals(List.of(), diagnosis.notes());
        assertContains(diagnosis, "−s·Σg/M and −s·x̂·Σ(g·x̂)/M do not belong here");
    }

    @Test
    void betasGradientIsASum() {
        Diagnosis diagnosis = diagnosis(4, 0);
        assertEquals(List.of(Cause.MEAN_INSTEAD_OF_SUM), diagnosis.causes(), diagnosis::toString);
        assertEquals(Verdict.EXPLAINED, diagnosis.of("beta").verdict());
        assertContains(diagnosis, "divided by 5, the number of outputs that each element goes into");
    }

    @Test
    void threePathsOneLineAndLayerNormAreRight() {
        assertTrue(diagnosis(5, 0).healthy());
        assertTrue(diagnosis(5, 1).healthy());
        Diagnosis layerNorm = diagnosis(5, 2);
        assertTrue(layerNorm.healthy(), layerNorm::toString);
        assertEquals("LayerNorm of [5, 8] over axis 1, M = 8, ε = 1.0e-05", layerNorm.forward());
    }

    @Test
    void theBatchSizeInPlaceOfTheFeatures() {
        Diagnosis layerNorm = diagnosis(5, 3);
        assertEquals(List.of(Cause.WRONG_COUNT), layerNorm.causes(), layerNorm::toString);
        assertContains(layerNorm, "by 5, the size of axis 0, in place of M = 8, the size of axis 1");
    }

    @Test
    void printsAndDrawsAllCases() throws IOException {
        Outcome outcome = Outcome.of(new ExplainGradient(), "--all", "--output=" + directory);
        assertEquals("", outcome.err());
        assertEquals(0, outcome.exitCode());
        for (int number = 1; number <= 5; number++) {
            assertTrue(outcome.out().contains("Case " + number + ": "), outcome.out());
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                assertEquals(1260, ImageIO.read(file.toFile()).getWidth());
                assertTrue(outcome.out().contains("Picture: " + file.toAbsolutePath()), outcome.out());
            }
        }
        assertTrue(Files.exists(directory.resolve("case4a-beta.png")));
    }

    @Test
    void answersOneCase() {
        Outcome outcome = Outcome.of(new ExplainGradient(), "--case=4", "--output=" + directory);
        assertEquals(0, outcome.exitCode());
        assertTrue(outcome.out().startsWith("Case 4: "), outcome.out());
        assertFalse(outcome.out().contains("Case 5"));
        assertTrue(Files.exists(directory.resolve("case4a-beta.png")));
    }

    private static Diagnosis diagnosis(int number, int attempt) {
        return GradientQuestions.all()
                .get(number - 1)
                .attempts()
                .get(attempt)
                .examination()
                .get();
    }

    private static void assertContains(Diagnosis diagnosis, String text) {
        assertTrue(diagnosis.toString().contains(text), diagnosis::toString);
    }
}
