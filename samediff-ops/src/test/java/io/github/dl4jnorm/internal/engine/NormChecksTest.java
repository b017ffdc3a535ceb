package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Samples;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NormChecksTest {
    private static final Groups CHANNELS = NormAxes.perChannel(1).on("op", 4, 3);
    private static final Groups TWO_AXES = NormAxes.over(1, 2).on("op", 2, 4, 3);

    @Test
    void types() {
        for (DataType type : DataType.values()) {
            assertEquals(Samples.TYPES.contains(type), ComputeTypes.isSupported(type), type.toString());
        }
        assertMessage(
                "op: expected type FLOAT, DOUBLE, HALF or BFLOAT16, got INT",
                () -> NormChecks.floating("op", Nd4j.zeros(DataType.INT32, 2)));
        assertMessage("op: expected an array, got null", () -> NormChecks.floating("op", null));
    }

    @Test
    void gradients() {
        INDArray x = zeros(DataType.FLOAT, 4, 3);
        assertDoesNotThrow(() -> NormChecks.gradientLike("op", x, zeros(DataType.FLOAT, 4, 3)));
        assertMessage("op: expected a gradient dy, got null", () -> NormChecks.gradientLike("op", x, null));
        assertMessage(
                "op: expected dy of the shape of x, [4, 3], got [3, 4]",
                () -> NormChecks.gradientLike("op", x, zeros(DataType.FLOAT, 3, 4)));
        assertMessage(
                "op: expected dy of the shape of x, [4, 3], got [12]",
                () -> NormChecks.gradientLike("op", x, zeros(DataType.FLOAT, 12)));
        assertMessage(
                "op: mixed data types: x is FLOAT, dy is DOUBLE; cast one of them",
                () -> NormChecks.gradientLike("op", x, zeros(DataType.DOUBLE, 4, 3)));
    }

    @Test
    void parametersOfOneAxisAreVectorsOfAnyForm() {
        for (long[] shape : new long[][] {{3}, {1, 3}, {3, 1}}) {
            assertDoesNotThrow(
                    () -> NormChecks.parameter("op", "gamma", CHANNELS, DataType.FLOAT, zeros(DataType.FLOAT, shape)));
        }
        assertDoesNotThrow(() -> NormChecks.parameter("op", "gamma", CHANNELS, DataType.FLOAT, null));
        assertMessage(
                "op: expected gamma of shape [3], got [4]",
                () -> NormChecks.parameter("op", "gamma", CHANNELS, DataType.FLOAT, zeros(DataType.FLOAT, 4)));
        assertMessage(
                "op: expected gamma of shape [3], got [1, 1, 3]",
                () -> NormChecks.parameter("op", "gamma", CHANNELS, DataType.FLOAT, zeros(DataType.FLOAT, 1, 1, 3)));
        assertMessage(
                "op: mixed data types: x is FLOAT, beta is DOUBLE; cast one of them",
                () -> NormChecks.parameter("op", "beta", CHANNELS, DataType.FLOAT, zeros(DataType.DOUBLE, 3)));
    }

    @Test
    void parametersOfSeveralAxesHaveTheirShape() {
        assertDoesNotThrow(
                () -> NormChecks.parameter("op", "gain", TWO_AXES, DataType.FLOAT, zeros(DataType.FLOAT, 4, 3)));
        for (long[] shape : new long[][] {{12}, {3, 4}, {1, 12}, {1, 4, 3}}) {
            assertMessage(
                    "op: expected gain of shape [4, 3], got " + Arrays.toString(shape),
                    () -> NormChecks.parameter("op", "gain", TWO_AXES, DataType.FLOAT, zeros(DataType.FLOAT, shape)));
        }
    }

    @Test
    void oneChannelTakesAScalarInAnyForm() {
        Groups one = NormAxes.perChannel(1).on("op", 4, 1);
        for (long[] shape : new long[][] {{}, {1}, {1, 1}}) {
            assertDoesNotThrow(
                    () -> NormChecks.parameter("op", "gamma", one, DataType.FLOAT, zeros(DataType.FLOAT, shape)));
        }
    }

    @Test
    void statistics() {
        assertDoesNotThrow(
                () -> NormChecks.statistic("op", "mean", CHANNELS, DataType.FLOAT16, zeros(DataType.FLOAT, 3)));
        assertDoesNotThrow(
                () -> NormChecks.statistic("op", "mean", CHANNELS, DataType.FLOAT16, zeros(DataType.FLOAT16, 1, 3)));
        assertMessage(
                "op: running mean is missing",
                () -> NormChecks.statistic("op", "running mean", CHANNELS, DataType.FLOAT, null));
        assertMessage(
                "op: expected mean of shape [3], got [4]",
                () -> NormChecks.statistic("op", "mean", CHANNELS, DataType.FLOAT, zeros(DataType.FLOAT, 4)));
        assertMessage(
                "op: expected mean of shape [2], got [3]",
                () -> NormChecks.statistic("op", "mean", TWO_AXES, DataType.FLOAT, zeros(DataType.FLOAT, 3)));
        assertMessage(
                "op: mixed data types: x is DOUBLE, mean is FLOAT; cast one of them",
                () -> NormChecks.statistic("op", "mean", CHANNELS, DataType.DOUBLE, zeros(DataType.FLOAT, 3)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
    void decayIsAWeight(double decay) {
        assertMessage("op: expected decay in [0, 1], got " + decay, () -> NormChecks.decay("op", decay));
        assertDoesNotThrow(() -> NormChecks.decay("op", 0));
        assertDoesNotThrow(() -> NormChecks.decay("op", 1));
    }

    @Test
    void zeroSumsAreNamedByTheirIndex() {
        NormSpec spec = NormSpec.sumNorm(0, 1);
        INDArray sums = Doubles.toArray(DataType.FLOAT, new long[] {2, 3}, 1, -1, Double.NaN, 1e-30, 2, 3);
        assertDoesNotThrow(() -> nonZeroSum(spec, sums));
        for (double zero : new double[] {0.0, -0.0}) {
            sums.putScalar(1, 2, zero);
            assertZeroAt("[1, 2]", spec, sums);
            assertDoesNotThrow(() -> nonZeroSum(NormSpec.unitNorm(1, 1), sums));
            assertDoesNotThrow(() -> nonZeroSum(NormSpec.sumNorm(0.5, 1), sums));
        }
    }

    /** What divides is Σx + ε: it is zero where ε cancels a sum. */
    @Test
    void epsilonMayMakeADenominatorZero() {
        INDArray sums = Doubles.toArray(DataType.FLOAT, new long[] {2, 3}, 1, -0.5, 2, 3, 0, 4);
        assertZeroAt("[0, 1]", NormSpec.sumNorm(0.5, 1), sums);
        // In float, 1 − (1 + 2⁻³⁰) would be zero.
        INDArray near = Doubles.toArray(DataType.FLOAT, new long[] {2, 3}, 1, -1, 2, 3, 4, 5);
        assertDoesNotThrow(() -> nonZeroSum(NormSpec.sumNorm(1 + 0x1p-30, 1), near));
    }

    private static void assertZeroAt(String index, NormSpec spec, INDArray sums) {
        String message = assertThrows(ArithmeticException.class, () -> nonZeroSum(spec, sums))
                .getMessage();
        assertTrue(
                message.startsWith("op: the sum over axes [1] is zero at index " + index + " of axes [0, 2]"), message);
    }

    @Test
    void countsWhatIsNotFinite() {
        double inf = Double.POSITIVE_INFINITY;
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            assertEquals(0, NormChecks.notFinite(Doubles.toArray(type, new long[] {2}, 1, 3e38)));
            assertEquals(3, NormChecks.notFinite(Doubles.toArray(type, new long[] {2, 2}, inf, 1, Double.NaN, -inf)));
        }
    }

    private static void nonZeroSum(NormSpec spec, INDArray sums) {
        NormChecks.nonZeroSum("op", spec, spec.on("op", 2, 5, 3), new GroupStatistics(null, null, sums, null));
    }

    private static INDArray zeros(DataType type, long... shape) {
        return Nd4j.zeros(type, shape);
    }

    private static void assertMessage(String message, Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }
}
