package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Values far from all others: what they must not cost the digits of the others, and of other channels. */
class OutliersTest {
    private static final int M = 100_000;
    private static final double EPS = 1e-5;

    /** Made once: each keeps threads and memory. */
    private static final List<NormEngine> ENGINES = Normalization.engines(2);

    /** In DOUBLE, a mean that is counted from the outlier is known to 10⁻⁸ only, where it should be to 10⁻¹³. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4999, M - 1})
    void oneOutlierAmongDoubles(int place) {
        double[] x = Samples.gaussian(1, M);
        x[place] = -1e8;
        BigDecimal sum = Arrays.stream(x).mapToObj(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal mean = sum.divide(BigDecimal.valueOf(M), MathContext.DECIMAL128);
        double[] deviations = Arrays.stream(x)
                .map(v -> new BigDecimal(v).subtract(mean).doubleValue())
                .toArray();
        double variance = Arrays.stream(deviations).map(d -> d * d).sum() / M;
        double s = 1 / Math.sqrt(variance + EPS);
        for (NormEngine engine : ENGINES) {
            for (long[] shape : new long[][] {{1, M}, {M, 1}, {M, 3}}) {
                int copies = shape[1] == 3 ? 3 : 1;
                NormSpec spec = NormSpec.batchNorm(EPS, shape[0] == 1 ? 0 : 1);
                INDArray array = Doubles.toArray(
                        DataType.DOUBLE,
                        shape,
                        IntStream.range(0, M * copies)
                                .mapToDouble(i -> x[i / copies])
                                .toArray());
                Normalization normalization = Normalization.of(engine, spec, array);
                double[] y = Doubles.of(normalization.forward(array, AffineParameters.none(), array.ulike()));
                String what = normalization + " of " + Arrays.toString(shape);
                BigDecimal found = new BigDecimal(
                                normalization.statistics().center().getDouble(0))
                        .add(new BigDecimal(
                                normalization.statistics().centerResidual().getDouble(0)));
                assertEquals(
                        0,
                        found.subtract(mean).doubleValue(),
                        1e-13 * mean.abs().doubleValue(),
                        what);
                for (int i = 0; i < y.length; i++) {
                    double expected = deviations[i / copies] * s;
                    assertEquals(expected, y[i], 1e-13 * Math.abs(expected), what + " [" + i + "]");
                }
            }
        }
    }

    /** NaN and infinities in one channel change no bit of the statistics of another. */
    @Test
    void badValuesStayInTheirChannel() {
        int n = 200;
        int channels = 5;
        long[] shape = {n, channels, 2};
        for (DataType type : Samples.TYPES) {
            for (Layout layout : Layout.values()) {
                double[] good = Samples.gaussian(3, n * channels * 2);
                for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                    double[] bad = good.clone();
                    int channel = 2;
                    bad[(17 * channels + channel) * 2 + 1] = value;
                    for (NormEngine engine : ENGINES) {
                        GroupStatistics expected = statistics(engine, layout.create(type, shape, good));
                        GroupStatistics actual = statistics(engine, layout.create(type, shape, bad));
                        String what = value + " in " + type + " " + layout + " by " + engine.name();
                        assertFalse(Double.isFinite(actual.measure().getDouble(channel)), what);
                        assertOthersAreEqual(channel, expected.center(), actual.center(), what);
                        assertOthersAreEqual(channel, expected.measure(), actual.measure(), what);
                        INDArray running = expected.measure().mul(0);
                        RunningAverage.move(running, actual.measure(), 0.5);
                        assertOthersAreEqual(channel, expected.measure().mul(0.5), running, what);
                    }
                }
            }
        }
    }

    private static GroupStatistics statistics(NormEngine engine, INDArray x) {
        Normalization normalization = Normalization.of(engine, NormSpec.batchNorm(EPS, 1), x);
        normalization.forward(x, AffineParameters.none(), x.ulike());
        return normalization.statistics();
    }

    private static void assertOthersAreEqual(int channel, INDArray expected, INDArray actual, String what) {
        assertArrayEquals(without(channel, expected), without(channel, actual), what);
    }

    private static double[] without(int channel, INDArray values) {
        double[] all = Doubles.of(values);
        return IntStream.range(0, all.length)
                .filter(i -> i != channel)
                .mapToDouble(i -> all[i])
                .toArray();
    }
}
