package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Small things to do with arrays. */
final class NDArrays {
    private NDArrays() {}

    /** Some elements of a flat array. */
    static INDArray range(INDArray array, long from, long to) {
        return array.reshape(array.length())
                .get(NDArrayIndex.interval(from, to))
                .dup();
    }

    static INDArray joined(INDArray a, INDArray b) {
        return Nd4j.concat(0, a, b);
    }

    static INDArray clamped(INDArray array, double limit) {
        return Transforms.min(Transforms.max(array, -limit, true), limit, true);
    }

    /** Asserts that arrays hold the same numbers, to the last bit. {@code INDArray.equals} lets 1e-5 pass. */
    static void assertIdentical(INDArray expected, INDArray actual) {
        assertEquals(expected.dataType(), actual.dataType());
        assertArrayEquals(Doubles.of(expected), Doubles.of(actual));
    }

    /** Asserts that arrays agree to rounding, where each element is a sum of some terms of the order of the largest. */
    static void assertClose(INDArray expected, INDArray actual, long terms) {
        double[] values = Doubles.of(expected);
        double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
        double bound = Tolerances.bound(expected.dataType(), terms, largest, largest);
        Tolerances.assertClose("array", values, Doubles.of(actual), bound);
    }
}
