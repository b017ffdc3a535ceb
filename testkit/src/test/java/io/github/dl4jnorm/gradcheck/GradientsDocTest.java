package io.github.dl4jnorm.gradcheck;

import static io.github.dl4jnorm.testing.Tolerances.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.Normalized;
import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.Gradients;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormEngine;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Tolerances;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The numbers of docs/gradients.md, computed, and looked up in the text. */
class GradientsDocTest {
    private static final double ROUNDING = 64 * Tolerances.unitRoundoff(DataType.DOUBLE);
    private static final double DIFFERENCES = Tolerances.ofDifferences(4, 10, 1);

    private final NDNorm norm = new NDNorm();
    private final INDArray column = array(new long[] {4, 1}, 1, 3, 5, 7);
    private final INDArray row = column.reshape(1, 4);
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

    /** Six derivatives of the first question, by hand and as {@code grad} sums them over outputs: [M, C] each. */
    private static double[] squaredDifferences(INDArray x, double eps) {
        double m = x.size(0);
        INDArray u = x.sub(x.mean(true, 0));
        INDArray s = Transforms.pow(u.mul(u).mean(true, 0).addi(eps), -0.5).broadcast(x.shape());
        INDArray byHandOfU = x.mul(0).addi(1 / m);
        INDArray byHandOfV = u.mul(2 / m);
        INDArray s3 = Transforms.pow(s, 3);
        INDArray byHandOfVar1 = byHandOfU.rsub(1);
        INDArray byHandOfVar2 = byHandOfV.mul(s3).muli(-0.5);
        INDArray byHandOfNorm = byHandOfVar1.mul(s).addi(u.mul(byHandOfVar2));
        INDArray[] grad = grad(x, eps);
        INDArray byHandOfVar3 = grad[3].mul(s).addi(u.mul(grad[4]));
        INDArray[] byHand = {byHandOfU, byHandOfV, byHandOfNorm, byHandOfVar1, byHandOfVar2, byHandOfVar3};
        return IntStream.range(0, 6)
                .mapToDouble(k -> Arrays.stream(Doubles.of(byHand[k].sub(grad[k])))
                        .map(v -> v * v)
                        .sum())
                .toArray();
    }

    /** Sums over outputs of the Jacobians of μ, σ², x̂, x−μ, 1/√(σ²+ε) and x̂, by SameDiff. */
    private static INDArray[] grad(INDArray x, double eps) {
        return IntStream.range(0, 6)
                .mapToObj(k -> {
                    SameDiff sd = SameDiff.create();
                    SDVariable in = sd.var("x", x);
                    SDVariable u = in.sub(in.mean(true, 0));
                    SDVariable v = u.mul(u).mean(true, 0);
                    SDVariable s = sd.math().pow(v.add(eps), -0.5);
                    SDVariable f =
                            switch (k) {
                                case 0 -> in.mean(true, 0);
                                case 1 -> v;
                                case 3 -> u.add(0);
                                case 4 -> s;
                                default -> u.mul(s);
                            };
                    f.sum("loss");
                    sd.setLossVariables("loss");
                    return sd.calculateGradients(null, "x").get("x");
                })
                .toArray(INDArray[]::new);
    }

    /** Which of the six differences of the first question are zero, and how large the others are. */
    @Test
    void theSixDifferencesOfTheFirstQuestion() throws IOException {
        Random random = new Random(2);
        INDArray x = array(
                new long[] {512, 128},
                IntStream.range(0, 512 * 128)
                        .mapToDouble(i -> random.nextGaussian())
                        .toArray());
        double[] sums = squaredDifferences(x, 1e-5);
        for (int zero : new int[] {0, 1, 4}) {
            assertEquals(0, sums[zero], 1e-20, "difference " + zero);
        }
        assertWritten("Three are zero, but for rounding: dU of μ, dV of σ² and dVar2 of 1/√(σ²+ε)");
        assertEquals(65536 * Math.pow(511.0 / 512, 2), sums[3], 1e-6);
        assertWritten("65536·(511/512)² = 65280.25");
        // E[1/σ²] = 512/509 for normal x, and the diagonal is s·(1 − 1/M − x̂²/M); 128 columns spread by 360.
        assertEquals(65400, sums[2], 1500);
        assertWritten("65545 in the question; about 65400 for normal x");
        assertEquals(3 * 65536.0 / (512 * 512), sums[5], 0.03);
        assertWritten("0.754 in the question; about 3·65536/512² = 0.75");
    }

    @Test
    void theProductOfSums() throws IOException {
        INDArray[] grad = grad(column, 4);
        INDArray u = column.sub(4);
        INDArray var3 = grad[3].mul(1.0 / 3).addi(u.mul(grad[4]));
        assertQuoted(Doubles.of(var3), ROUNDING, "−1/12", "−1/108", "−1/108", "−1/12");
        assertClose("grad of x̂", new double[4], Doubles.of(grad[5]), ROUNDING);
    }

    /** The table of the document is the one of the code. */
    @Test
    void theTableIsTheStatistics() throws IOException {
        for (Statistic statistic : Statistic.values()) {
            String given = statistic.isGiven() ? " given" : "";
            assertWrittenLike("\\| `" + statistic + "` \\| [^|]* \\| "
                    + Pattern.quote(String.join(
                            " | ",
                            (statistic.isCentered() ? "μ" : "0") + given,
                            NormFormula.measureText(statistic) + given,
                            switch (statistic.scale()) {
                                case INVERSE -> "1/(q+ε)";
                                case INVERSE_ROOT -> "1/√(q+ε)";
                                case INVERSE_FLOORED_ROOT -> "1/√max(q, ε)";
                            },
                            NormFormula.text(statistic.a()),
                            NormFormula.text(statistic.b()))));
        }
    }

    @Test
    void jacobianOfBatchNorm() throws IOException {
        String[][] table = {
            {"1/6", "−1/9", "−1/18", "0"},
            {"−1/9", "13/54", "−2/27", "−1/18"},
            {"−1/18", "−2/27", "13/54", "−1/9"},
            {"0", "−1/18", "−1/9", "1/6"}
        };
        Jacobian jacobian =
                assertJacobian(table, at -> norm.batchNorm(at, null, null, 4, 1).y(), column);
        assertClose("sums", new double[4], Doubles.of(jacobian.sumOverOutputs()), DIFFERENCES);
        assertQuoted(Doubles.of(jacobian.diagonal()), DIFFERENCES, "1/6", "13/54", "13/54", "1/6");
        Normalized forward = norm.batchNorm(column, null, null, 4, 1);
        assertScale(1.0 / 3, forward, "μ = 4, σ² = 5, s = 1/3");
        assertQuoted(Doubles.of(forward.y()), ROUNDING, "−1", "−1/3", "1/3", "1");
        assertQuoted(Doubles.of(forward.backward(first).dx()), ROUNDING, table[0]);
    }

    @Test
    void jacobianOfGroupNorm() throws IOException {
        String[][] table = {
            {"3/16", "−3/16", "0", "0"},
            {"−3/16", "3/16", "0", "0"},
            {"0", "0", "3/16", "−3/16"},
            {"0", "0", "−3/16", "3/16"}
        };
        assertJacobian(table, at -> norm.groupNorm(at, 2, null, null, 3, 1).y(), row);
        Normalized forward = norm.groupNorm(row, 2, null, null, 3, 1);
        assertScale(0.5, forward, "have μ = 2 and 6, σ² = 1 and s = 1/2 each");
        assertClose("μ", new double[] {2, 6}, Doubles.of(forward.mean()), ROUNDING);
        assertQuoted(Doubles.of(forward.y()), ROUNDING, "−.5", ".5", "−.5", ".5");
        double[] dx = Doubles.of(forward.backward(first.reshape(1, 4)).dx());
        assertClose("dx", numbers(table[0]), dx, ROUNDING);
    }

    @Test
    void jacobianOfRmsNorm() throws IOException {
        String[][] table = {
            {".198", "−.006", "−.01", "−.014"},
            {"−.006", ".182", "−.03", "−.042"},
            {"−.01", "−.03", ".15", "−.07"},
            {"−.014", "−.042", "−.07", ".102"}
        };
        assertJacobian(table, at -> norm.rmsNorm(at, null, 4, 1).y(), row);
        Normalized forward = norm.rmsNorm(row, null, 4, 1);
        assertScale(0.2, forward, "q = 21, s = 1/5");
        assertClose("q", new double[] {21}, Doubles.of(forward.measure()), ROUNDING);
        assertQuoted(Doubles.of(forward.y()), ROUNDING, ".2", ".6", "1", "1.4");
        double[] dx = Doubles.of(forward.backward(first.reshape(1, 4)).dx());
        assertClose("dx", numbers(table[0]), dx, ROUNDING);
    }

    @Test
    void jacobianOfUnitNorm() throws IOException {
        String[][] table = {
            {".099", "−.005", "−.005", "−.007"},
            {"−.005", ".075", "−.025", "−.035"},
            {"−.005", "−.025", ".075", "−.035"},
            {"−.007", "−.035", "−.035", ".051"}
        };
        INDArray x = array(new long[] {1, 4}, 1, 5, 5, 7);
        assertJacobian(table, at -> norm.unitNorm(at, 16, 1).y(), x);
        Normalized forward = norm.unitNorm(x, 16, 1);
        assertScale(0.1, forward, "Σx² = 100 and ε ≤ 100: s = 1/10");
        assertQuoted(Doubles.of(forward.y()), ROUNDING, ".1", ".5", ".5", ".7");
        double[] dx = Doubles.of(forward.backward(first.reshape(1, 4)).dx());
        assertClose("dx", numbers(table[0]), dx, ROUNDING);
        double[] along = Doubles.of(forward.backward(x).dx());
        assertClose("dx along x", new double[4], along, ROUNDING);

        Normalized onFloor = norm.unitNorm(x, 100, 1);
        assertClose("s", new double[] {0.1}, Doubles.of(onFloor.scale()), ROUNDING);
        assertClose("dx", dx, Doubles.of(onFloor.backward(first.reshape(1, 4)).dx()), ROUNDING);
        Normalized belowFloor = norm.unitNorm(x, 400, 1);
        assertScale(0.05, belowFloor, "For ε = 400, s = 1/20");
        assertClose(
                "dx below the floor",
                new double[] {0.05, 0, 0, 0},
                Doubles.of(belowFloor.backward(first.reshape(1, 4)).dx()),
                ROUNDING);
    }

    /** All numbers of this are floats or small fractions, so it holds to the last bit. */
    @Test
    void residualOfTheRoundedMean() throws IOException {
        assertWritten("For x = [10⁶, 10⁶ + 1/16] in FLOAT and ε = 3/1024, c = 10⁶ + 1/32 is no float.");
        assertWritten("the residual is 1/32; σ² = 1/1024 and s = 16");
        INDArray x = Doubles.toArray(DataType.FLOAT, new long[] {2, 1}, 1e6, 1e6 + 1.0 / 16);
        INDArray ones = Nd4j.ones(DataType.FLOAT, 2, 1);
        INDArray gamma = Nd4j.ones(DataType.FLOAT, 1);
        NormSpec spec = NormSpec.batchNorm(3.0 / 1024, 1);
        AffineParameters affine = new AffineParameters(gamma, null);
        GroupStatistics statistics = GroupStatistics.allocate(spec, spec.on("doc", x.shape()), DataType.FLOAT);
        NormEngine engine = EngineChoice.current();
        engine.forward(spec, x, affine, statistics, x.like());
        assertEquals(1e6, statistics.center().getDouble(0));
        assertEquals(1.0 / 32, statistics.centerResidual().getDouble(0));
        assertEquals(1.0 / 1024, statistics.measure().getDouble(0));
        assertEquals(16, statistics.scale().getDouble(0));
        Gradients gradients = new Gradients(x.like(), gamma.like(), null);
        engine.backward(spec, x, ones, affine, statistics, gradients);
        assertEquals(0, gradients.dGamma().getDouble(0));
        assertClose("dx", new double[2], Doubles.of(gradients.dx()), 0);
        GroupStatistics rounded =
                new GroupStatistics(statistics.center(), null, statistics.measure(), statistics.scale());
        engine.backward(spec, x, ones, affine, rounded, gradients);
        assertEquals(1, gradients.dGamma().getDouble(0));
        assertWritten("From the rounded mean alone it would be 16·(0 + 1/16) = 1.");
    }

    @Test
    void inferenceIsElementwise() throws IOException {
        INDArray mean = array(new long[] {1}, 4);
        INDArray variance = array(new long[] {1}, 5);
        assertQuoted(
                Doubles.of(norm.batchNormInference(column, mean, variance, null, null, 4, 1)
                        .backward(first)
                        .dx()),
                ROUNDING,
                "1/3",
                "0",
                "0",
                "0");
    }

    /** The three paths of a channel, as a function of x, dy and whatever statistics it is given. */
    private static double[] threePaths(double[] x, double[] dy, double mean, double variance, double eps) {
        int m = x.length;
        double s = 1 / Math.sqrt(variance + eps);
        double dVariance = 0;
        double dMean = 0;
        for (int i = 0; i < m; i++) {
            dVariance -= 0.5 * Math.pow(s, 3) * dy[i] * (x[i] - mean);
            dMean -= s * dy[i];
        }
        double[] dx = new double[m];
        for (int i = 0; i < m; i++) {
            dx[i] = dy[i] * s + dVariance * 2 * (x[i] - mean) / m + dMean / m;
        }
        return dx;
    }

    @Test
    void threePathsInTrainingAndInTestMode() throws IOException {
        double[] x = Doubles.of(column);
        double[] dy = Doubles.of(first);
        String[] right = {"1/6", "−1/9", "−1/18", "0"};
        assertQuoted(threePaths(x, dy, 4, 5, 4), ROUNDING, right);
        assertQuoted(
                Doubles.of(
                        norm.batchNorm(column, null, null, 4, 1).backward(first).dx()),
                ROUNDING,
                right);
        INDArray zero = array(new long[] {1}, 0);
        INDArray one = array(new long[] {1}, 1);
        double[] inTest = Doubles.of(norm.batchNormInference(column, zero, one, null, null, 3, 1)
                .backward(first)
                .dx());
        assertQuoted(inTest, ROUNDING, "1/2", "0", "0", "0");
        assertQuoted(threePaths(x, dy, 0, 1, 3), ROUNDING, "11/32", "−7/32", "−9/32", "−11/32");
    }

    @Test
    void sumNormalization() throws IOException {
        String[][] table = {{".08", "−.02", "−.02"}, {"−.03", ".07", "−.03"}, {"−.05", "−.05", ".05"}};
        assertJacobian(table, at -> norm.sumNorm(at, 0, 0).y(), shares);
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
    void layerNormAndTheCountOfAnotherAxis() throws IOException {
        INDArray x = array(new long[] {2, 4}, -1, 1, -1, 1, 5, 7, 5, 7);
        INDArray dy = array(new long[] {2, 4}, 8, 0, 0, 0, 0, 0, 0, 0);
        Normalized forward = norm.layerNorm(x, null, null, 3, 1);
        double[] xHat = Arrays.copyOf(Doubles.of(forward.y()), 4);
        assertQuoted(xHat, ROUNDING, "−.5", ".5", "−.5", ".5");
        double[] dx = Doubles.of(forward.backward(dy).dx());
        assertQuoted(Arrays.copyOf(dx, 4), ROUNDING, "2.75", "−.75", "−1.25", "−.75");
        // x.T has the features in front, so its first size is M.
        assertQuoted(layerNormBackward(x.transpose().size(0), xHat), ROUNDING, "2.75", "−.75", "−1.25", "−.75");
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

    /** Asserts that a Jacobian is what a table in the text says. */
    private static Jacobian assertJacobian(String[][] table, UnaryOperator<INDArray> forward, INDArray x)
            throws IOException {
        Jacobian jacobian = Jacobian.of(forward, x);
        double[] expected = Arrays.stream(table)
                .flatMapToDouble(row -> Arrays.stream(numbers(row)))
                .toArray();
        assertClose("Jacobian", expected, Doubles.of(jacobian.array()), DIFFERENCES);
        for (int i = 0; i < table.length; i++) {
            assertWritten("| y_" + (i + 1) + " | " + String.join(" | ", table[i]) + " |");
        }
        return jacobian;
    }

    private static void assertScale(double expected, Normalized forward, String written) throws IOException {
        double[] actual = Doubles.of(forward.scale());
        double[] all = new double[actual.length];
        Arrays.fill(all, expected);
        assertClose("s", all, actual, ROUNDING);
        assertWritten(written);
    }

    /** Asserts that values are what a list in the text says. */
    private static void assertQuoted(double[] actual, double bound, String... written) throws IOException {
        String list = Arrays.stream(written).collect(Collectors.joining(", ", "[", "]"));
        assertClose(list, numbers(written), actual, bound);
        assertWritten(list);
    }

    private static void assertWritten(String text) throws IOException {
        assertTrue(document().contains(text), () -> "docs/gradients.md does not say: " + text);
    }

    private static void assertWrittenLike(String pattern) throws IOException {
        assertTrue(
                Pattern.compile(pattern).matcher(document()).find(),
                () -> "docs/gradients.md does not say: " + pattern);
    }

    private static String document() throws IOException {
        return Files.readString(Path.of("../docs/gradients.md")).replaceAll("\\s+", " ");
    }

    private static double[] numbers(String... texts) {
        return Arrays.stream(texts).mapToDouble(GradientsDocTest::number).toArray();
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
