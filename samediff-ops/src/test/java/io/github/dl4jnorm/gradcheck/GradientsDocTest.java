package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.Normalized;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Tolerances;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The numbers of docs/gradients.md, computed, and looked up in the text. */
class GradientsDocTest {
    private static final double ROUNDING = 64 * Tolerances.unitRoundoff(DataType.DOUBLE);
    private static final double DIFFERENCES = Tolerances.ofDifferences(4, 10, 1);

    private final NDNorm norm = new NDNorm();
    private final INDArray column = array(new long[] {4, 1}, 1, 3, 5, 7);
    private final INDArray shares = array(new long[] {3}, 2, 3, 5);
    private final INDArray first = array(new long[] {4, 1}, 1, 0, 0, 0);

    @Test
    void jacobianOfCentring() throws IOException {
        Jacobian jacobian = Jacobian.of(x -> x.sub(x.meanNumber()), column);
        double[] expected = new double[16];
        Arrays.setAll(expected, k -> k % 5 == 0 ? 0.75 : -0.25);
        assertClose("Jacobian", expected, Doubles.of(jacobian.array()), DIFFERENCES);
        assertClose("sums", new double[4], Doubles.of(jacobian.sumOverOutputs()), DIFFERENCES);
        assertWritten("| the Jacobian | a matrix | 3/4 on the diagonal, −1/4 elsewhere |");
        assertWritten("for x−μ 3/4 − 3·1/4 = 0, for x̂ 0 as well");
    }

    @Test
    void jacobianOfBatchNorm() throws IOException {
        String[][] table = {
            {"1/6", "−1/9", "−1/18", "0"},
            {"−1/9", "13/54", "−2/27", "−1/18"},
            {"−1/18", "−2/27", "13/54", "−1/9"},
            {"0", "−1/18", "−1/9", "1/6"}
        };
        Jacobian jacobian = Jacobian.of(x -> norm.batchNorm(x, null, null, 4, 1).y(), column);
        double[] expected = Arrays.stream(table)
                .flatMap(Arrays::stream)
                .mapToDouble(GradientsDocTest::number)
                .toArray();
        assertClose("Jacobian", expected, Doubles.of(jacobian.array()), DIFFERENCES);
        assertClose("sums", new double[4], Doubles.of(jacobian.sumOverOutputs()), DIFFERENCES);
        for (int i = 0; i < 4; i++) {
            assertWritten("| y_" + (i + 1) + " | " + String.join(" | ", table[i]) + " |");
        }
        assertQuoted(Doubles.of(jacobian.diagonal()), DIFFERENCES, "1/6", "13/54", "13/54", "1/6");
        Normalized forward = norm.batchNorm(column, null, null, 4, 1);
        assertQuoted(Doubles.of(forward.y()), ROUNDING, "−1", "−1/3", "1/3", "1");
        assertQuoted(Doubles.of(forward.backward(first).dx()), ROUNDING, table[0]);
    }

    @Test
    void inferenceIsElementwise() throws IOException {
        INDArray mean = array(new long[] {1}, 4);
        INDArray variance = array(new long[] {1}, 5);
        assertQuoted(
                Doubles.of(norm.batchNormInferenceBackward(column, first, mean, variance, null, 4, 1)
                        .dx()),
                ROUNDING,
                "1/3",
                "0",
                "0",
                "0");
    }

    @Test
    void sumNormalization() throws IOException {
        String[][] table = {{".08", "−.02", "−.02"}, {"−.03", ".07", "−.03"}, {"−.05", "−.05", ".05"}};
        Jacobian jacobian = Jacobian.of(x -> norm.sumNorm(x, 0, 0).y(), shares);
        double[] expected = Arrays.stream(table)
                .flatMap(Arrays::stream)
                .mapToDouble(GradientsDocTest::number)
                .toArray();
        assertClose("Jacobian", expected, Doubles.of(jacobian.array()), DIFFERENCES);
        for (int i = 0; i < 3; i++) {
            assertWritten("| y_" + (i + 1) + " | " + String.join(" | ", table[i]) + " |");
        }
        INDArray dy = array(new long[] {3}, 1, 0, 0);
        Normalized forward = norm.sumNorm(shares, 0, 0);
        assertQuoted(Doubles.of(forward.backward(dy).dx()), ROUNDING, table[0]);
        INDArray diagonal = dy.mul(shares.div(-100).add(0.1));
        assertQuoted(Doubles.of(diagonal), ROUNDING, ".08", "0", "0");
        // In place: y is where x was.
        assertQuoted(Doubles.of(forward.y()), ROUNDING, ".2", ".3", ".5");
        assertQuoted(Doubles.of(norm.sumNorm(forward.y(), 0, 0).backward(dy).dx()), ROUNDING, ".8", "−.2", "−.2");
    }

    @Test
    void betaIsSummed() throws IOException {
        Normalized forward = norm.batchNorm(column, null, array(new long[] {1}, 0), 4, 1);
        INDArray ones = array(new long[] {4, 1}, 1, 1, 1, 1);
        double dBeta = forward.backward(ones).dBeta().getDouble(0);
        assertClose("dβ", new double[] {4}, new double[] {dBeta}, ROUNDING);
        assertWritten("For 4 examples and dy = 1 it is 4.");
    }

    @Test
    void layerNormWithTheMistakesOfTheQuestion() throws IOException {
        INDArray x = array(new long[] {2, 4}, -1, 1, -1, 1, 5, 7, 5, 7);
        INDArray dy = array(new long[] {2, 4}, 8, 0, 0, 0, 0, 0, 0, 0);
        Normalized forward = norm.layerNorm(x, null, null, 3, 1);
        double[] xHat = Arrays.copyOf(Doubles.of(forward.y()), 4);
        assertQuoted(xHat, ROUNDING, "−.5", ".5", "−.5", ".5");
        double[] dx = Doubles.of(forward.backward(dy).dx());
        assertQuoted(Arrays.copyOf(dx, 4), ROUNDING, "2.75", "−.75", "−1.25", "−.75");
        assertQuoted(layerNormBackward(4, xHat), ROUNDING, "2.75", "−.75", "−1.25", "−.75");
        assertQuoted(layerNormBackward(2, xHat), ROUNDING, "1.5", "−1.5", "−2.5", "−1.5");
        assertQuoted(layerNormBackward(2, -1, 1, -1, 1), ROUNDING, "0", "0", "−4", "0");
    }

    /** (r/count)(count·dy − Σdy − x̂·Σ(dy·x̂)) for r = ½ and dy = [8, 0, 0, 0]. */
    private static double[] layerNormBackward(double count, double... xHat) {
        double[] dx = new double[4];
        for (int j = 0; j < 4; j++) {
            dx[j] = 0.5 / count * ((j == 0 ? 8 * count : 0) - 8 - xHat[j] * 8 * xHat[0]);
        }
        return dx;
    }

    /** Asserts that values are what a list in the text says. */
    private static void assertQuoted(double[] actual, double bound, String... written) throws IOException {
        double[] expected =
                Arrays.stream(written).mapToDouble(GradientsDocTest::number).toArray();
        String list = Arrays.stream(written).collect(Collectors.joining(", ", "[", "]"));
        assertClose(list, expected, actual, bound);
        assertWritten(list);
    }

    private static void assertWritten(String text) throws IOException {
        String words = Files.readString(Path.of("../docs/gradients.md")).replaceAll("\\s+", " ");
        assertTrue(words.contains(text), () -> "docs/gradients.md does not say: " + text);
    }

    private static double number(String text) {
        String[] parts = text.replace('−', '-').split("/");
        double numerator = Double.parseDouble(parts[0]);
        return parts.length == 1 ? numerator : numerator / Double.parseDouble(parts[1]);
    }

    private static INDArray array(long[] shape, double... values) {
        return shape.length == 0 ? Nd4j.scalar(values[0]) : Doubles.toArray(DataType.DOUBLE, shape, values);
    }
}
