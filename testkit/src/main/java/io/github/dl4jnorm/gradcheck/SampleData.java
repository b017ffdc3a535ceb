package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Data for an examination: all elements differ, none is near zero. A mistake may hide in each kind of data, but not in
 * all of them.
 */
enum SampleData {
    /** Between 0.5 and 2.5: everything is defined there, and every sum is far from zero. */
    POSITIVE("positive data"),
    /** A third between −0.8 and −0.3, the others between 0.5 and 2.5: sums are positive, though not all elements are. */
    BOTH_SIGNS("data of both signs"),
    /** The same with the signs turned: sums are negative. */
    TURNED("data of both signs with negative sums");

    private static final long SEED = 42;

    private final String title;

    SampleData(String title) {
        this.title = title;
    }

    /** What they are, in words. */
    String title() {
        return title;
    }

    /** Arrays of some shapes. */
    INDArray[] of(long[]... shapes) {
        Random random = new Random(SEED);
        return Arrays.stream(shapes)
                .map(shape -> Elements.array(
                        random.doubles(Elements.length(shape), 0.5, 2.5)
                                .map(element(random))
                                .toArray(),
                        shape))
                .toArray(INDArray[]::new);
    }

    private DoubleUnaryOperator element(Random random) {
        double sign = this == TURNED ? -1 : 1;
        return v -> this == POSITIVE ? v : sign * (random.nextInt(3) == 0 ? -(0.3 + (v - 0.5) / 4) : v);
    }

    /** What signs the elements of given data have, in words. */
    static String describe(INDArray data) {
        double[] values = Elements.of(data);
        boolean negative = Arrays.stream(values).anyMatch(v -> v < 0);
        boolean positive = Arrays.stream(values).anyMatch(v -> v > 0);
        if (negative && positive) {
            return BOTH_SIGNS.title;
        }
        return negative ? "negative data" : positive ? POSITIVE.title : "zeros";
    }
}
