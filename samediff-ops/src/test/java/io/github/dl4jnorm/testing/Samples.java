package io.github.dl4jnorm.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.nd4j.linalg.api.buffer.DataType;

/** Random shapes, axes, layouts, types and values. */
public final class Samples {
    /** The types that can be normalized. */
    public static final List<DataType> TYPES =
            List.of(DataType.DOUBLE, DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16);

    private Samples() {}

    /**
     * Shapes of sizes 1 to 7.
     *
     * @param minRank smallest rank
     * @param maxRank largest rank
     * @param maxLength largest number of elements
     * @return arbitrary shapes
     */
    public static Arbitrary<long[]> shapes(int minRank, int maxRank, int maxLength) {
        return Arbitraries.longs()
                .between(1, 7)
                .array(long[].class)
                .ofMinSize(minRank)
                .ofMaxSize(maxRank)
                .map(shape -> capped(shape, maxLength));
    }

    private static long[] capped(long[] shape, int maxLength) {
        long room = maxLength;
        long[] capped = new long[shape.length];
        for (int axis = 0; axis < shape.length; axis++) {
            capped[axis] = Math.max(1, Math.min(shape[axis], room));
            room /= capped[axis];
        }
        return capped;
    }

    /**
     * One or more different axes, in any order, some of them counted from the end.
     *
     * @param rank rank of the array
     * @return arbitrary axes
     */
    public static Arbitrary<int[]> axes(int rank) {
        List<Integer> all = IntStream.range(0, rank).boxed().toList();
        Arbitrary<Integer> fromTheEnd = Arbitraries.integers().between(0, (1 << rank) - 1);
        return Arbitraries.subsetOf(all)
                .ofMinSize(1)
                .flatMap(set -> Arbitraries.shuffle(List.copyOf(set)))
                .flatMap(axes -> fromTheEnd.map(bits -> axes.stream()
                        .mapToInt(axis -> (bits >> axis & 1) == 0 ? axis : axis - rank)
                        .toArray()));
    }

    /**
     * The types that can be normalized.
     *
     * @return arbitrary types
     */
    public static Arbitrary<DataType> types() {
        return Arbitraries.of(TYPES);
    }

    /**
     * All layouts.
     *
     * @return arbitrary layouts
     */
    public static Arbitrary<Layout> layouts() {
        return Arbitraries.of(Layout.class);
    }

    /**
     * Distances of the data from zero. In float and double they break a variance computed as Σx²/M − μ²; in the half
     * types they leave a few bits of the data.
     *
     * @param type type of the data
     * @return arbitrary offsets
     */
    public static Arbitrary<Double> offsets(DataType type) {
        boolean half = type == DataType.FLOAT16 || type == DataType.BFLOAT16;
        return half ? Arbitraries.of(0.0, -3.0, 30.0) : Arbitraries.of(0.0, -3.0, 1e3, 1e6, -1e6);
    }

    /**
     * Normally distributed values.
     *
     * @param seed which ones
     * @param count how many
     * @return new values of mean 0 and variance 1
     */
    public static double[] gaussian(long seed, int count) {
        Random random = new Random(seed);
        return DoubleStream.generate(random::nextGaussian).limit(count).toArray();
    }

    /**
     * Values whose sum over a group is far from zero: four fifths are 1 or more, the others negative and small.
     *
     * @param seed which ones
     * @param count how many
     * @return new values
     */
    public static double[] mostlyPositive(long seed, int count) {
        return Arrays.stream(gaussian(seed, count))
                .map(g -> g < -0.84 ? 0.02 * g : 1 + Math.abs(g))
                .toArray();
    }
}
