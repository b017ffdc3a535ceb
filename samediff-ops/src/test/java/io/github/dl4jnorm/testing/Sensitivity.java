package io.github.dl4jnorm.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far apart two right computations of the same whole network may be: the tolerance for everything that goes through
 * matrix products, convolutions and elementary functions, whose sums have another order on every processor.
 *
 * <p>Each layer alone is as exact as {@link Tolerances} say. What counts in a network is how the layers above amplify
 * that, and no function of the number of layers says it: a residual network of forty layers that keeps its activations
 * near 1 amplifies tenfold, one that puts activations of 10⁴ into a tanh does 10⁸-fold. But the network itself says it. What
 * is computed with rounding is what exact arithmetic makes of inputs and parameters that are a little different
 * (Higham, Accuracy and Stability of Numerical Algorithms, section 1.5), so the reference network is computed {@value
 * #PROBES} times more, with every number that enters it changed by ±δ of itself, signs drawn, and
 *
 * <pre>bound of an array = {@value #DEVIATIONS}·(largest change of one of its elements) + δ·(largest of its elements)
 * δ = u·({@value #ROUNDINGS} + √n)</pre>
 *
 * <p>u is the unit roundoff of the type and n the length of the longest sum: n roundings of random sign, one for each
 * partial sum, are as large as a change of each of the n terms by u·√(n/2) with random sign. {@value #ROUNDINGS} are the
 * operations of a layer outside sums, as in {@link Tolerances}: normalizing, scaling, the activation, taking a variance
 * out of a logarithm. Depth enters by itself, for the numbers of all layers are changed at once. The factor {@value
 * #DEVIATIONS} makes a bound out of a few samples, of which one may be small by chance. So the bound comes from the
 * mathematics of the reference, in its own type, and from no error that has been seen.
 */
public final class Sensitivity {
    private static final int PROBES = 3;
    private static final int DEVIATIONS = 8;
    private static final int ROUNDINGS = 16;

    /** Computes something with a network, by name, from the beginning, as often as it is asked. */
    @FunctionalInterface
    public interface Computation {
        /**
         * The results.
         *
         * @param rounding changes what enters the computation; not at all if the right result is asked for
         * @return new arrays, in the order in which they are to be compared
         */
        Map<String, INDArray> results(Rounding rounding);
    }

    /** Changes numbers as rounding does. */
    public static final class Rounding {
        /** Changes nothing. */
        public static final Rounding NONE = new Rounding(0, 0);

        private final double delta;
        private final SplittableRandom random;

        private Rounding(double delta, long seed) {
            this.delta = delta;
            random = new SplittableRandom(seed);
        }

        /**
         * Changes every element of an array by ±δ of itself.
         *
         * @param array parameters or data, changed in place; 0 stays 0
         * @return the same array
         */
        public INDArray in(INDArray array) {
            if (delta == 0) {
                return array;
            }
            double[] factors = new double[Math.toIntExact(array.length())];
            long signs = 0;
            for (int i = 0; i < factors.length; i++) {
                signs = i % Long.SIZE == 0 ? random.nextLong() : signs >>> 1;
                factors[i] = (signs & 1) == 0 ? 1 + delta : 1 - delta;
            }
            return array.muli(Doubles.toArray(array.dataType(), array.shape(), factors));
        }

        /**
         * A changed copy of an array that belongs to others.
         *
         * @param array the array, left as it is
         * @return a new array
         */
        public INDArray of(INDArray array) {
            return in(array.dup());
        }
    }

    private final Map<String, double[]> expected = new LinkedHashMap<>();
    private final Map<String, Double> bounds = new LinkedHashMap<>();

    private Sensitivity(double delta, Map<String, INDArray> results) {
        results.forEach((name, array) -> {
            double[] values = values(array);
            expected.put(name, values);
            bounds.put(name, delta * largest(values));
        });
    }

    /**
     * Computes a reference and its bounds.
     *
     * @param type type that the network computes in
     * @param length number of terms of the longest sum in it, see {@link #longestSum}
     * @param reference what is right
     * @return what it computes, with bounds
     */
    public static Sensitivity of(DataType type, long length, Computation reference) {
        double delta = Tolerances.unitRoundoff(type) * (ROUNDINGS + Math.sqrt(length));
        Sensitivity sensitivity = new Sensitivity(delta, reference.results(Rounding.NONE));
        Map<String, Double> spreads = new LinkedHashMap<>();
        for (int probe = 1; probe <= PROBES; probe++) {
            reference.results(new Rounding(delta, probe)).forEach((name, array) -> {
                double change = largestDifference(sensitivity.expected.get(name), values(array));
                spreads.merge(name, change, Math::max);
            });
        }
        spreads.forEach((name, spread) -> sensitivity.bounds.merge(name, DEVIATIONS * spread, Double::sum));
        return sensitivity;
    }

    /**
     * The number of terms of the longest sum that goes into an output of a matrix product or a convolution.
     *
     * @param parameters parameter arrays of a network, weights of convolutions with the outputs on their first axis, of
     *     other layers on their second
     * @return the largest number of weights per output
     */
    public static long longestSum(Collection<INDArray> parameters) {
        return parameters.stream()
                .filter(array -> array.rank() > 1)
                .mapToLong(array -> array.length() / array.size(array.rank() > 2 ? 0 : 1))
                .max()
                .orElse(1);
    }

    /**
     * Asserts that another computation has the same results, within their bounds.
     *
     * @param actual its results, of the same names
     */
    public void assertClose(Map<String, INDArray> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        assertClose(Map.of(), actual);
    }

    /**
     * Asserts that another computation, of fewer results or under other names, has the same, within their bounds.
     *
     * @param names names of the reference's results by names of the other's, where they differ
     * @param actual the other's results
     */
    public void assertClose(Map<String, String> names, Map<String, INDArray> actual) {
        actual.forEach((name, array) -> {
            String own = names.getOrDefault(name, name);
            Tolerances.assertClose(own, expected.get(own), values(array), bounds.get(own));
        });
    }

    /** Of millions of elements, for which {@link Doubles#of} would take long. */
    private static double[] values(INDArray array) {
        return array.dup('c').data().asDouble();
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static double largestDifference(double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i] - actual[i]));
        }
        return largest;
    }
}
