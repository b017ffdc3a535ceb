package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** NaN, infinities, and sums that are zero in float, along rows and along columns, by every implementation. */
class SpecialValuesTest {
    private static final double[] SPECIAL = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    private static final int GROUPS = 21;

    /** Groups of less than a vector, of a chunk, and of more; the special element is in the middle. */
    private static List<Nest> nests() {
        List<Nest> nests = new ArrayList<>();
        for (boolean rows : new boolean[] {true, false}) {
            for (int size : new int[] {5, 300, 5000}) {
                nests.add(new Nest(rows, GROUPS, size));
            }
        }
        return nests;
    }

    private static double[] positive(Nest nest, long seed) {
        Random random = new Random(seed);
        return nest.values(i -> 0.1 + Math.abs(random.nextGaussian()));
    }

    private static double[] gaussian(Nest nest, long seed) {
        Random random = new Random(seed);
        return nest.values(i -> random.nextGaussian());
    }

    @ParameterizedTest
    @EnumSource(names = "GIVEN", mode = EnumSource.Mode.EXCLUDE)
    void oneElementOfXPropagatesAsInDouble(Statistic statistic) {
        for (Nest nest : nests()) {
            for (double special : SPECIAL) {
                double[] x = positive(nest, 1);
                x[nest.place(3, nest.size() / 2)] = special;
                propagates(nest, statistic, x, gaussian(nest, 2), special + " in x");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "GIVEN", mode = EnumSource.Mode.EXCLUDE)
    void oneElementOfDyPropagatesAsInDouble(Statistic statistic) {
        for (Nest nest : nests()) {
            for (double special : SPECIAL) {
                double[] dy = gaussian(nest, 2);
                dy[nest.place(3, nest.size() / 2)] = special;
                propagates(nest, statistic, positive(nest, 1), dy, special + " in dy");
            }
        }
    }

    private static void propagates(Nest nest, Statistic statistic, double[] x, double[] dy, String what) {
        NormSpec spec = nest.spec(statistic, 1e-5);
        Reference reference = nest.reference(spec);
        Reference.Forward expected = reference.forward(x, null, null);
        Reference.Gradients gradients = reference.backward(x, dy, null, null);
        for (String name : Kernels.names()) {
            StatisticOperands<float[]> statistics = nest.statistics(statistic);
            String which = statistic + ", " + nest + ", " + name + ", " + what;
            assertClose("y of " + which, expected.y(), nest.forward(name, spec, statistics, x));
            assertClose("dx of " + which, gradients.dx(), nest.backward(name, spec, statistics, x, dy));
        }
    }

    private static void assertClose(String what, Expected expected, double... actual) {
        Tolerances.assertClose(
                what,
                new Expected(unsignedZeros(expected.values()), expected.magnitudes(), expected.length()),
                unsignedZeros(actual),
                DataType.FLOAT);
    }

    /** −0 + 0 is 0. */
    private static double[] unsignedZeros(double... values) {
        return Arrays.stream(values).map(v -> v + 0.0).toArray();
    }

    @ParameterizedTest
    @MethodSource("nests")
    void allNaNGivesNaN(Nest nest) {
        double[] nans = nest.values(i -> Double.NaN);
        for (Statistic statistic : Statistic.values()) {
            NormSpec spec = nest.spec(statistic, 1e-5);
            for (String name : Kernels.names()) {
                String what = statistic + ", " + name;
                StatisticOperands<float[]> statistics = nest.statistics(statistic);
                assertArrayEquals(nans, nest.forward(name, spec, statistics, nans), what);
                if (!statistic.isGiven()) {
                    for (double measure : nest.read(statistics.measure())) {
                        assertEquals(Double.NaN, measure, what);
                    }
                    assertArrayEquals(nans, nest.backward(name, spec, statistics, nans, gaussian(nest, 2)), what);
                }
            }
        }
    }

    /** In float, 10⁸ + 1 − 10⁸ is 0: a denominator that all digits are lost of is formed again in double. */
    @ParameterizedTest
    @MethodSource("nests")
    void aSumThatCancelsInFloatIsFormedInDouble(Nest nest) {
        double[] x = nest.values(i -> i == 0 ? 1e8 : i == 1 ? 1 : i == 2 ? -1e8 : 0);
        NormSpec spec = nest.spec(Statistic.SUM, 0);
        for (String name : Kernels.names()) {
            StatisticOperands<float[]> statistics = nest.statistics(Statistic.SUM);
            assertArrayEquals(unsignedZeros(x), unsignedZeros(nest.forward(name, spec, statistics, x)), name);
            for (double sum : nest.read(statistics.measure())) {
                assertEquals(1, sum, name);
            }
        }
    }
}
