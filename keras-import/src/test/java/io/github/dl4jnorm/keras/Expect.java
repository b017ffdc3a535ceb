package io.github.dl4jnorm.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Comparison with the reference. */
final class Expect {
    /** Float's 2⁻²⁴, for sums of up to 2⁸ terms of the order of the largest output: more than any sum here has. */
    private static final double ROUNDING = Math.scalb(1.0, -24 + 8);

    private Expect() {}

    static void close(Tensor expected, INDArray actual) {
        long[] shape = Arrays.stream(expected.shape()).asLongStream().toArray();
        assertArrayEquals(shape, actual.shape());
        assertArrayEquals(expected.data(), Tensor.from(actual).data(), ROUNDING * Math.max(1, expected.max()));
    }
}
