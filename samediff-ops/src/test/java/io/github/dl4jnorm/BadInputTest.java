package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.engine.Stats;
import io.github.dl4jnorm.testing.Doubles;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What every function says to arguments that it cannot use: who asks, what came, what was expected. */
class BadInputTest {
    private static final NDNorm NORM = new NDNorm();
    private static final INDArray X = Nd4j.ones(DataType.FLOAT, 4, 3);
    private static final INDArray VECTOR = Nd4j.ones(DataType.FLOAT, 3);
    private static final INDArray FOUR = Nd4j.ones(DataType.FLOAT, 4);
    private static final INDArray DOUBLES = Nd4j.ones(DataType.DOUBLE, 3);
    private static final INDArray INTS = Nd4j.ones(DataType.INT32, 4, 3);
    private static final INDArray EMPTY = Nd4j.create(DataType.FLOAT, 0, 3);
    private static final Stats STATS = NORM.batchNorm(X, null, null, 1, 1).stats();
    private static final Stats LAYER_STATS = NORM.layerNorm(X, null, null, 1, 1).stats();
    private static final double EPS = 1e-5;

    record Case(String message, Executable call) {
        @Override
        public String toString() {
            return message;
        }
    }

    static final List<Case> BATCH_NORM = List.of(
            new Case("batchNorm: expected an array, got null", () -> NORM.batchNorm(null, null, null, EPS, 1)),
            new Case(
                    "batchNorm: expected type FLOAT, DOUBLE, HALF or BFLOAT16, got INT",
                    () -> NORM.batchNorm(INTS, null, null, EPS, 1)),
            new Case(
                    "batchNorm: expected an array of rank 2 or more, got shape [3]",
                    () -> NORM.batchNorm(VECTOR, null, null, EPS, 0)),
            new Case(
                    "batchNorm: expected a non-empty array, got shape [0, 3]",
                    () -> NORM.batchNorm(EMPTY, null, null, EPS, 1)),
            new Case(
                    "batchNorm: axis 2 is out of range for rank 2 (shape [4, 3])",
                    () -> NORM.batchNorm(X, null, null, EPS, 2)),
            new Case("batchNorm: expected eps > 0, got 0.0", () -> NORM.batchNorm(X, null, null, 0, 1)),
            new Case("batchNorm: expected eps > 0, got NaN", () -> NORM.batchNorm(X, null, null, Double.NaN, 1)),
            new Case("batchNorm: expected gamma of shape [3], got [4]", () -> NORM.batchNorm(X, FOUR, null, EPS, 1)),
            new Case("batchNorm: expected beta of shape [3], got [4]", () -> NORM.batchNorm(X, null, FOUR, EPS, 1)),
            new Case(
                    "batchNorm: mixed data types: x is FLOAT, gamma is DOUBLE; cast one of them",
                    () -> NORM.batchNorm(X, DOUBLES, null, EPS, 1)),
            new Case(
                    "batchNorm: expected a gradient dy, got null",
                    () -> NORM.batchNormBackward(X, null, null, STATS, 1)),
            new Case(
                    "batchNorm: expected dy of the shape of x, [4, 3], got [3, 4]",
                    () -> NORM.batchNormBackward(X, X.transpose(), null, STATS, 1)),
            new Case(
                    "batchNorm: mixed data types: x is FLOAT, dy is DOUBLE; cast one of them",
                    () -> NORM.batchNormBackward(X, X.castTo(DataType.DOUBLE), null, STATS, 1)),
            new Case(
                    "batchNorm: expected gamma of shape [3], got [4]",
                    () -> NORM.batchNormBackward(X, X, FOUR, STATS, 1)),
            new Case(
                    "batchNorm: expected the statistics of the forward pass, got null",
                    () -> NORM.batchNormBackward(X, X, null, null, 1)),
            new Case(
                    "batchNorm: expected mean of shape [3], got [4]",
                    () -> NORM.batchNormBackward(X, X, null, LAYER_STATS, 1)),
            new Case(
                    "batchNorm: invStd is missing",
                    () -> NORM.batchNormBackward(X, X, null, new Stats(VECTOR, VECTOR, null), 1)));

    static final List<Case> BATCH_NORM_INFERENCE = List.of(
            new Case(
                    "batchNormInference: expected type FLOAT, DOUBLE, HALF or BFLOAT16, got INT",
                    () -> NORM.batchNormInference(INTS, VECTOR, VECTOR, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: mean is missing",
                    () -> NORM.batchNormInference(X, null, VECTOR, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: variance is missing",
                    () -> NORM.batchNormInference(X, VECTOR, null, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected mean of shape [3], got [4]",
                    () -> NORM.batchNormInference(X, FOUR, VECTOR, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected variance of shape [3], got [4]",
                    () -> NORM.batchNormInference(X, VECTOR, FOUR, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: mixed data types: x is FLOAT, mean is DOUBLE; cast one of them",
                    () -> NORM.batchNormInference(X, DOUBLES, VECTOR, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected gamma of shape [3], got [4]",
                    () -> NORM.batchNormInference(X, VECTOR, VECTOR, FOUR, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected eps > 0, got -1.0",
                    () -> NORM.batchNormInference(X, VECTOR, VECTOR, null, null, -1, 1)),
            new Case(
                    "batchNormInference: axis -3 is out of range for rank 2 (shape [4, 3])",
                    () -> NORM.batchNormInference(X, VECTOR, VECTOR, null, null, EPS, -3)),
            new Case(
                    "batchNormInference: expected a gradient dy, got null",
                    () -> NORM.batchNormInferenceBackward(X, null, VECTOR, VECTOR, null, EPS, 1)),
            new Case(
                    "batchNormInference: variance is missing",
                    () -> NORM.batchNormInferenceBackward(X, X, VECTOR, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected eps > 0, got Infinity",
                    () -> NORM.batchNormInferenceBackward(X, X, VECTOR, VECTOR, null, Double.POSITIVE_INFINITY, 1)));

    static final List<Case> LAYER_NORM = List.of(
            new Case("layerNorm: expected an array, got null", () -> NORM.layerNorm(null, null, null, EPS, 1)),
            new Case(
                    "layerNorm: expected type FLOAT, DOUBLE, HALF or BFLOAT16, got INT",
                    () -> NORM.layerNorm(INTS, null, null, EPS, 1)),
            new Case("layerNorm: expected at least one axis, got none", () -> NORM.layerNorm(X, null, null, EPS)),
            new Case(
                    "layerNorm: axis 0 is repeated in [0, -2] (shape [4, 3])",
                    () -> NORM.layerNorm(X, null, null, EPS, 0, -2)),
            new Case(
                    "layerNorm: axis 7 is out of range for rank 2 (shape [4, 3])",
                    () -> NORM.layerNorm(X, null, null, EPS, 0, 7)),
            new Case(
                    "layerNorm: expected a non-empty array, got shape [0, 3]",
                    () -> NORM.layerNorm(EMPTY, null, null, EPS, 1)),
            new Case("layerNorm: expected eps > 0, got 0.0", () -> NORM.layerNorm(X, null, null, 0, 1)),
            new Case("layerNorm: expected gain of shape [3], got [4]", () -> NORM.layerNorm(X, FOUR, null, EPS, 1)),
            new Case(
                    "layerNorm: expected bias of shape [4, 3], got [3]",
                    () -> NORM.layerNorm(X, null, VECTOR, EPS, 0, 1)),
            new Case(
                    "layerNorm: mixed data types: x is FLOAT, bias is DOUBLE; cast one of them",
                    () -> NORM.layerNorm(X, null, DOUBLES, EPS, 1)),
            new Case(
                    "layerNorm: expected dy of the shape of x, [4, 3], got [3]",
                    () -> NORM.layerNormBackward(X, VECTOR, null, LAYER_STATS, 1)),
            new Case(
                    "layerNorm: expected mean of shape [4], got [3]",
                    () -> NORM.layerNormBackward(X, X, null, STATS, 1)),
            new Case(
                    "layerNorm: expected the statistics of the forward pass, got null",
                    () -> NORM.layerNormBackward(X, X, null, null, 1)));

    static final List<Case> SUM_NORM = List.of(
            new Case("sumNorm: expected an array, got null", () -> NORM.sumNorm(null, 0, 1)),
            new Case("sumNorm: expected type FLOAT, DOUBLE, HALF or BFLOAT16, got INT", () -> NORM.sumNorm(INTS, 0, 1)),
            new Case("sumNorm: expected a non-empty array, got shape [0, 3]", () -> NORM.sumNorm(EMPTY, 0, 1)),
            new Case("sumNorm: expected at least one axis, got none", () -> NORM.sumNorm(X, 0)),
            new Case("sumNorm: axis 1 is repeated in [1, 1] (shape [4, 3])", () -> NORM.sumNorm(X, 0, 1, 1)),
            new Case("sumNorm: expected eps >= 0, got -1.0E-5", () -> NORM.sumNorm(X, -EPS, 1)),
            new Case("sumNorm: expected a gradient dy, got null", () -> NORM.sumNormBackward(X, null, FOUR, 1)),
            new Case("sumNorm: sum is missing", () -> NORM.sumNormBackward(X, X, null, 1)),
            new Case("sumNorm: expected sum of shape [4], got [3]", () -> NORM.sumNormBackward(X, X, VECTOR, 1)),
            new Case(
                    "sumNorm: mixed data types: x is FLOAT, sum is DOUBLE; cast one of them",
                    () -> NORM.sumNormBackward(X, X, FOUR.castTo(DataType.DOUBLE), 1)));

    @ParameterizedTest
    @FieldSource({"BATCH_NORM", "BATCH_NORM_INFERENCE", "LAYER_NORM", "SUM_NORM"})
    void isRefused(Case c) {
        assertEquals(
                c.message, assertThrows(IllegalArgumentException.class, c.call).getMessage());
    }

    @Test
    void aSumOfZeroIsAnErrorThatSaysWhere() {
        INDArray x = Doubles.toArray(DataType.FLOAT, new long[] {2, 2}, 1, 2, 3, -3);
        assertEquals(
                "sumNorm: the sum over axes [1] is zero at index [1] of axes [0]; x/Σx is undefined there "
                        + "(a positive eps avoids it for x ≥ 0)",
                assertThrows(ArithmeticException.class, () -> NORM.sumNorm(x, 0, 1))
                        .getMessage());
        assertEquals(
                "sumNorm: the sum over axes [0, 1] is zero at index [] of axes []; x/Σx is undefined there "
                        + "(a positive eps avoids it for x ≥ 0)",
                assertThrows(ArithmeticException.class, () -> NORM.sumNorm(x.mul(0), 0, 0, 1))
                        .getMessage());
        assertEquals(0, NORM.sumNorm(x.mul(0), 1e-5, 0, 1).y().sumNumber().doubleValue());
    }
}
