package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.testing.Expected;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Float data on which careless kernels fail. Each is normalized along rows and along columns, by every implementation,
 * and must be as near to the formulas in double as easy data are.
 */
class HardNumericsTest {
    private static final int GROUPS = 21;
    private static final int SIZE = 5000;
    private static final double EPS = 1e-12;
    private static final Random RANDOM = new Random(7);

    /** Kinds of data, by the position in a group. */
    private enum Data {
        /** A spread of a few roundoffs of the mean: E[x²] − E[x]² has no correct digit. */
        FAR_FROM_ZERO(i -> 1e4 + 1e-2 * RANDOM.nextGaussian()),
        CONSTANT(i -> 0.1),
        CONSTANT_AND_LARGE(i -> 123456.7),
        /** Everything but the squares is a normal number. */
        TINY(i -> 1e-25 * RANDOM.nextGaussian()),
        SUBNORMAL(i -> 1e-40 * (1 + RANDOM.nextInt(9))),
        /** The squares are no floats. */
        HUGE(i -> 1e25 * RANDOM.nextGaussian()),
        NEAR_THE_LIMIT(i -> 1e38 * RANDOM.nextDouble()),
        ONE_OUTLIER(i -> i == 17 ? 1e6 : RANDOM.nextGaussian()),
        FIRST_IS_AN_OUTLIER(i -> i == 0 ? -1e6 : RANDOM.nextGaussian()),
        DRIFTING(i -> i + RANDOM.nextGaussian()),
        JUMPING(i -> i < SIZE / 2 ? 1000 : -1000 + RANDOM.nextGaussian());

        private final IntToDoubleFunction value;

        Data(IntToDoubleFunction value) {
            this.value = value;
        }
    }

    /** The statistics that come from x, but for sums, of which {@link #isDividedByItsSumAsInDouble} says more. */
    private static final List<Statistic> STATISTICS =
            List.of(Statistic.MEAN_VARIANCE, Statistic.ROOT_MEAN_SQUARE, Statistic.L2);

    @ParameterizedTest
    @EnumSource
    void isNormalizedAsInDouble(Data data) {
        for (Statistic statistic : STATISTICS) {
            for (boolean rows : new boolean[] {true, false}) {
                isNormalizedAsInDouble(data, statistic, EPS, rows);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"CONSTANT", "SUBNORMAL", "NEAR_THE_LIMIT", "CONSTANT_AND_LARGE"})
    void isDividedByItsSumAsInDouble(Data data) {
        for (boolean rows : new boolean[] {true, false}) {
            isNormalizedAsInDouble(data, Statistic.SUM, 0, rows);
        }
    }

    private static void isNormalizedAsInDouble(Data data, Statistic statistic, double eps, boolean rows) {
        Nest nest = new Nest(rows, GROUPS, SIZE);
        NormSpec spec = nest.spec(statistic, eps);
        double[] x = nest.values(data.value);
        double[] dy = nest.values(Data.ONE_OUTLIER.value);
        Reference reference = nest.reference(spec);
        Reference.Forward expected = reference.forward(x, null, null);
        Reference.Gradients gradients = reference.backward(x, dy, null, null);
        for (String name : Kernels.names()) {
            String what = statistic + " of " + data + ", " + nest + ", " + name;
            StatisticOperands<float[]> statistics = nest.statistics(statistic);
            assertClose(what + ": y", expected.y(), nest.forward(name, spec, statistics, x));
            if (statistics.scale() != null) {
                assertClose(what + ": scale", expected.scale(), nest.read(statistics.scale()));
            }
            if (statistic == Statistic.SUM && data == Data.NEAR_THE_LIMIT) {
                // The sum is no float: the backward pass knows it as infinity only.
                continue;
            }
            assertClose(what + ": dx", gradients.dx(), nest.backward(name, spec, statistics, x, dy));
        }
    }

    private static void assertClose(String what, Expected expected, double[] actual) {
        assertEquals(expected.values().length, actual.length);
        long length = Math.min(expected.length(), InnerLoops.CHUNK / 16);
        double[] values = Arrays.stream(expected.values())
                .map(v -> Math.abs(v) > Float.MAX_VALUE ? (float) v : v)
                .toArray();
        Tolerances.assertClose(what, new Expected(values, expected.magnitudes(), length), actual, DataType.FLOAT);
    }
}
