package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RunningVarianceTest {

    static Stream<Arguments> cases() {
        double nearlyEps = -(double) 1e-5f;
        return Stream.of(
                Arguments.of(1, 1e-5, DataType.FLOAT, null),
                Arguments.of(0, 1e-5, DataType.FLOAT, null),
                Arguments.of(0, 0, DataType.FLOAT, null),
                Arguments.of(Double.NaN, 1e-5, DataType.FLOAT, null),
                Arguments.of(Double.POSITIVE_INFINITY, 1e-5, DataType.FLOAT, null),
                Arguments.of(-9.9e-6, 1e-5, DataType.FLOAT, null),
                Arguments.of(-9.9e-6, 1e-5, DataType.DOUBLE, null),
                // A sum above 0 in double, and 0 in float.
                Arguments.of(nearlyEps, 1e-5, DataType.DOUBLE, null),
                Arguments.of(nearlyEps, 1e-5, DataType.FLOAT, ", with eps 1.0E-5, does not fit FLOAT"),
                Arguments.of(-1e-5, 1e-5, DataType.DOUBLE, " and eps 1.0E-5 have no positive sum"),
                Arguments.of(-0.3, 1e-5, DataType.DOUBLE, " and eps 1.0E-5 have no positive sum"),
                Arguments.of(-1e-300, 0, DataType.DOUBLE, " and eps 0.0 have no positive sum"),
                Arguments.of(1e39, 1e-5, DataType.FLOAT, ", with eps 1.0E-5, does not fit FLOAT"),
                Arguments.of(7e4, 1e-5, DataType.FLOAT16, ", with eps 1.0E-5, does not fit HALF"),
                Arguments.of(6e4, 1e-5, DataType.FLOAT16, null),
                Arguments.of(0, 1e-12, DataType.FLOAT16, ", with eps 1.0E-12, does not fit HALF"),
                Arguments.of(1, 1e-12, DataType.FLOAT16, null),
                Arguments.of(7e4, 1e-5, DataType.BFLOAT16, null));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void saysWhatIsWrongWithTheFirstThatIs(double variance, double eps, DataType type, String problem) {
        for (char order : new char[] {'c', 'f'}) {
            INDArray variances = Nd4j.ones(DataType.DOUBLE, 2, 3).dup(order);
            variances.putScalar(1, 0, variance);
            Optional<String> expected =
                    Optional.ofNullable(problem).map(end -> "running variance " + variance + " of channel 3" + end);
            assertEquals(expected, RunningVariance.problem(variances, eps, type));
            variances.putScalar(1, 2, -1);
            assertEquals(
                    expected.or(() ->
                            Optional.of("running variance -1.0 of channel 5 and eps " + eps + " have no positive sum")),
                    RunningVariance.problem(variances, eps, type));
        }
    }

    @Test
    void epsThatIsNoNumber() {
        assertEquals(
                Optional.of("eps is NaN"),
                RunningVariance.problem(Nd4j.ones(DataType.DOUBLE, 1, 3), Double.NaN, DataType.DOUBLE));
    }
}
