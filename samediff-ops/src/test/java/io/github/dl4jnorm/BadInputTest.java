package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dl4jnorm.spec.NormSpec;
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
    private static final INDArray CUBE = Nd4j.ones(DataType.FLOAT, 2, 6, 5);
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
                    () -> NORM.batchNorm(X, DOUBLES, null, EPS, 1)));

    static final List<Case> BACKWARD = List.of(
            new Case(
                    "backward of batchNorm: expected a gradient dy, got null",
                    () -> NORM.batchNorm(X, null, null, EPS, 1).backward(null)),
            new Case(
                    "backward of batchNorm: expected dy of the shape of x, [4, 3], got [3, 4]",
                    () -> NORM.batchNorm(X, null, null, EPS, 1).backward(X.transpose())),
            new Case(
                    "backward of batchNorm: mixed data types: x is FLOAT, dy is DOUBLE; cast one of them",
                    () -> NORM.batchNorm(X, null, null, EPS, 1).backward(X.castTo(DataType.DOUBLE))),
            new Case(
                    "backward of layerNorm: expected dy of the shape of x, [4, 3], got [3]",
                    () -> NORM.layerNorm(X, null, null, EPS, 1).backward(VECTOR)),
            new Case("backward of sumNorm: expected a gradient dy, got null", () -> NORM.sumNorm(X, 0, 1)
                    .backward(null)),
            new Case(
                    "backward of rmsNorm: expected dy of the shape of x, [4, 3], got [3]",
                    () -> NORM.rmsNorm(X, null, EPS, 1).backward(VECTOR)),
            new Case(
                    "backward of unitNorm: expected dy of the shape of x, [4, 3], got [3]",
                    () -> NORM.unitNorm(X, EPS, 1).backward(VECTOR)),
            new Case("backward of batchNormInference: expected a gradient dy, got null", () -> NORM.batchNormInference(
                            X, VECTOR, VECTOR, null, null, EPS, 1)
                    .backward(null)),
            new Case(
                    "backward of batchNormInference: expected dy of the shape of x, [4, 3], got [3]",
                    () -> NORM.batchNormInference(X, VECTOR, VECTOR, null, null, EPS, 1)
                            .backward(VECTOR)),
            new Case("backward of normalize: expected dy of the shape of x, [4, 3], got [3]", () -> NORM.normalize(
                            NormSpec.batchNorm(EPS, 1), X, null, null)
                    .backward(VECTOR)));

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
                    "batchNormInference: expected eps >= 0, got -1.0",
                    () -> NORM.batchNormInference(X, VECTOR, VECTOR, null, null, -1, 1)),
            new Case(
                    "batchNormInference: axis -3 is out of range for rank 2 (shape [4, 3])",
                    () -> NORM.batchNormInference(X, VECTOR, VECTOR, null, null, EPS, -3)),
            new Case(
                    "batchNormInference: expected a finite eps, got Infinity",
                    () -> NORM.batchNormInference(X, VECTOR, VECTOR, null, null, Double.POSITIVE_INFINITY, 1)),
            new Case(
                    "batchNormInference: expected an array, got null",
                    () -> NORM.batchNormInference(null, VECTOR, VECTOR, null, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected variance + eps >= 0, got -1.0 + 1.0E-5 at index [1] of axes [1]",
                    () -> NORM.batchNormInference(X, VECTOR, variance(-1), null, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected variance + eps >= 0, got -Infinity + 1.0E-5 at index [1] of axes [1]",
                    () -> NORM.batchNormInference(X, VECTOR, variance(-1 / 0.0), null, null, EPS, 1)),
            new Case(
                    "batchNormInference: expected variance + eps >= 0, got -1.0 + 0.0 at index [1] of axes [1]",
                    () -> NORM.batchNormInference(X, VECTOR, variance(-1), null, null, 0, 1)));

    private static INDArray variance(double second) {
        return Doubles.toArray(DataType.FLOAT, new long[] {3}, 1, second, 1);
    }

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
            new Case("layerNorm: expected gamma of shape [3], got [4]", () -> NORM.layerNorm(X, FOUR, null, EPS, 1)),
            new Case(
                    "layerNorm: expected beta of shape [4, 3], got [3]",
                    () -> NORM.layerNorm(X, null, VECTOR, EPS, 0, 1)),
            new Case(
                    "layerNorm: mixed data types: x is FLOAT, beta is DOUBLE; cast one of them",
                    () -> NORM.layerNorm(X, null, DOUBLES, EPS, 1)));

    static final List<Case> GROUP_NORM = List.of(
            new Case(
                    "groupNorm: expected type FLOAT, DOUBLE, HALF or BFLOAT16, got INT",
                    () -> NORM.groupNorm(INTS, 1, null, null, EPS, 1)),
            new Case(
                    "groupNorm: expected an array of rank 2 or more, got shape [3]",
                    () -> NORM.groupNorm(VECTOR, 1, null, null, EPS, 0)),
            new Case(
                    "groupNorm: expected a number of groups that divides the 6 channels on axis 1, got 4"
                            + " (shape [2, 6, 5])",
                    () -> NORM.groupNorm(CUBE, 4, null, null, EPS, 1)),
            new Case(
                    "groupNorm: expected a number of groups that divides the 5 channels on axis 2, got 6"
                            + " (shape [2, 6, 5])",
                    () -> NORM.groupNorm(CUBE, 6, null, null, EPS, -1)),
            new Case(
                    "groupNorm: expected a number of groups that divides the 6 channels on axis 1, got 0"
                            + " (shape [2, 6, 5])",
                    () -> NORM.groupNorm(CUBE, 0, null, null, EPS, 1)),
            new Case(
                    "groupNorm: expected a number of groups that divides the 6 channels on axis 1, got -2"
                            + " (shape [2, 6, 5])",
                    () -> NORM.groupNorm(CUBE, -2, null, null, EPS, 1)),
            new Case(
                    "groupNorm: expected the channels on an axis behind axis 0, the examples, of shape [2, 6, 5]",
                    () -> NORM.groupNorm(CUBE, 1, null, null, EPS, 0)),
            new Case(
                    "groupNorm: expected the channels on an axis behind axis 0, the examples, of shape [2, 6, 5]",
                    () -> NORM.groupNorm(CUBE, 1, null, null, EPS, -3)),
            new Case(
                    "groupNorm: axis 3 is out of range for rank 3 (shape [2, 6, 5])",
                    () -> NORM.groupNorm(CUBE, 1, null, null, EPS, 3)),
            new Case("groupNorm: expected eps > 0, got 0.0", () -> NORM.groupNorm(CUBE, 1, null, null, 0, 1)),
            new Case(
                    "groupNorm: expected gamma of shape [6], got [3]",
                    () -> NORM.groupNorm(CUBE, 3, VECTOR, null, EPS, 1)));

    static final List<Case> INSTANCE_NORM = List.of(
            new Case(
                    "instanceNorm: expected an array of rank 3 or more, got shape [4, 3]",
                    () -> NORM.instanceNorm(X, null, null, EPS, 1)),
            new Case(
                    "instanceNorm: expected the channels on an axis behind axis 0, the examples, of shape [2, 6, 5]",
                    () -> NORM.instanceNorm(CUBE, null, null, EPS, 0)),
            new Case(
                    "instanceNorm: axis -4 is out of range for rank 3 (shape [2, 6, 5])",
                    () -> NORM.instanceNorm(CUBE, null, null, EPS, -4)),
            new Case("instanceNorm: expected eps > 0, got -1.0E-5", () -> NORM.instanceNorm(CUBE, null, null, -EPS, 1)),
            new Case(
                    "instanceNorm: expected beta of shape [5], got [3]",
                    () -> NORM.instanceNorm(CUBE, null, VECTOR, EPS, 2)));

    static final List<Case> RMS_NORM = List.of(
            new Case("rmsNorm: expected an array, got null", () -> NORM.rmsNorm(null, null, EPS, 1)),
            new Case("rmsNorm: expected at least one axis, got none", () -> NORM.rmsNorm(X, null, EPS)),
            new Case("rmsNorm: expected eps > 0, got 0.0", () -> NORM.rmsNorm(X, null, 0, 1)),
            new Case("rmsNorm: expected a finite eps, got Infinity", () -> NORM.rmsNorm(X, null, 1 / 0.0, 1)),
            new Case("rmsNorm: axis 1 is repeated in [1, -1] (shape [4, 3])", () -> NORM.rmsNorm(X, null, EPS, 1, -1)),
            new Case("rmsNorm: expected gamma of shape [3], got [4]", () -> NORM.rmsNorm(X, FOUR, EPS, 1)),
            new Case(
                    "rmsNorm: mixed data types: x is FLOAT, gamma is DOUBLE; cast one of them",
                    () -> NORM.rmsNorm(X, DOUBLES, EPS, 1)));

    static final List<Case> UNIT_NORM = List.of(
            new Case("unitNorm: expected a non-empty array, got shape [0, 3]", () -> NORM.unitNorm(EMPTY, EPS, 1)),
            new Case("unitNorm: expected at least one axis, got none", () -> NORM.unitNorm(X, EPS)),
            new Case("unitNorm: expected eps > 0, got 0.0", () -> NORM.unitNorm(X, 0, 1)),
            new Case("unitNorm: axis -3 is out of range for rank 2 (shape [4, 3])", () -> NORM.unitNorm(X, EPS, -3)));

    static final List<Case> NORMALIZE = List.of(
            new Case(
                    "normalize: expected statistics that come from x, got GIVEN; use batchNormInference",
                    () -> NORM.normalize(NormSpec.batchNormInference(EPS, 1), X, null, null)),
            new Case(
                    "normalize: expected eps > 0, got NaN",
                    () -> NORM.normalize(NormSpec.batchNorm(Double.NaN, 1), X, null, null)),
            new Case(
                    "normalize: expected beta of shape [3], got [4]",
                    () -> NORM.normalize(NormSpec.batchNorm(EPS, 1).withUnitOffset(true), X, null, FOUR)));

    static final List<Case> SUM_NORM = List.of(
            new Case("sumNorm: expected an array, got null", () -> NORM.sumNorm(null, 0, 1)),
            new Case("sumNorm: expected type FLOAT, DOUBLE, HALF or BFLOAT16, got INT", () -> NORM.sumNorm(INTS, 0, 1)),
            new Case("sumNorm: expected a non-empty array, got shape [0, 3]", () -> NORM.sumNorm(EMPTY, 0, 1)),
            new Case("sumNorm: expected at least one axis, got none", () -> NORM.sumNorm(X, 0)),
            new Case("sumNorm: axis 1 is repeated in [1, 1] (shape [4, 3])", () -> NORM.sumNorm(X, 0, 1, 1)),
            new Case("sumNorm: expected eps >= 0, got -1.0E-5", () -> NORM.sumNorm(X, -EPS, 1)));

    @ParameterizedTest
    @FieldSource({
        "BATCH_NORM",
        "BATCH_NORM_INFERENCE",
        "LAYER_NORM",
        "GROUP_NORM",
        "INSTANCE_NORM",
        "RMS_NORM",
        "SUM_NORM",
        "UNIT_NORM",
        "NORMALIZE",
        "BACKWARD"
    })
    void isRefused(Case c) {
        assertEquals(
                c.message, assertThrows(IllegalArgumentException.class, c.call).getMessage());
    }

    /** The variance is the caller's to choose. */
    @Test
    void givenStatisticsNeedNoEps() {
        INDArray four = VECTOR.mul(4);
        INDArray zero = VECTOR.mul(0);
        Normalized forward = NORM.batchNormInference(X, zero, four, null, null, 0, 1);
        assertEquals(.5, forward.y().getDouble(3, 2));
        assertEquals(.5, forward.backward(X).dx().getDouble(3, 2));
        assertEquals(-4 * .5 * .25 * .5, forward.backward(X).dVariance().getDouble(2));
    }

    /** A variance of a little less than zero, which rounding may make of zero, is one that ε is there for. */
    @Test
    void aVarianceMayBeNegativeByLessThanEps() {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            INDArray x = X.castTo(type);
            INDArray zero = VECTOR.mul(0).castTo(type);
            INDArray variance = Doubles.toArray(type, new long[] {3}, -1e-6, -1e-5, Double.NaN);
            Normalized forward = NORM.batchNormInference(x, zero, variance, null, null, 1e-5, 1);
            double s = 1 / Math.sqrt(1e-5 + variance.getDouble(0));
            assertEquals(s, forward.y().getDouble(0, 0), 1e-6 * s);
            assertEquals(s, forward.backward(x).dx().getDouble(0, 0), 1e-6 * s);
            double large = 1 / Math.sqrt(1e-5 + variance.getDouble(1));
            assertEquals(large, forward.y().getDouble(0, 1), 1e-6 * large);
            assertEquals(Double.NaN, forward.y().getDouble(0, 2), "a NaN propagates");
        }
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
