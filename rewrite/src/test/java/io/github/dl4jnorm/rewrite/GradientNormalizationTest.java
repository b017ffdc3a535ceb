package io.github.dl4jnorm.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * One step of DL4J's layer and of ours under each gradient normalization, from the formulas, in plain Java: they differ by
 * the changes of running statistics, which DL4J takes for gradients, and by nothing else.
 */
class GradientNormalizationTest {
    private static final double RATE = 0.5;
    private static final double DECAY = 0.9;
    private static final double EPS = 1e-5;
    private static final int N = 8;
    private static final int C = 3;
    private static final Set<GradientNormalization> BY_LAYER =
            Set.of(GradientNormalization.ClipL2PerLayer, GradientNormalization.RenormalizeL2PerLayer);

    /** Far below the norm of the gradient of γ and β, between that and the norm with the statistics, and far above both. */
    private static final double[] THRESHOLDS = {1e-3, 1, 1e3};

    static Stream<Arguments> ways() {
        return Arrays.stream(GradientNormalization.values())
                .flatMap(
                        normalization -> DoubleStream.of(THRESHOLDS).boxed().flatMap(threshold -> Stream.of(true, false)
                                .map(logStd -> Arguments.of(normalization, threshold, logStd))));
    }

    private static MultiLayerNetwork network(
            BatchNormalization.Builder norm, GradientNormalization normalization, double threshold) {
        return Nets.chain(
                Nets.base()
                        .updater(new Sgd(RATE))
                        .gradientNormalization(normalization)
                        .gradientNormalizationThreshold(threshold),
                InputType.feedForward(C),
                List.of(norm.build(), Nets.output()));
    }

    /** Means far from their initial value, so that they make up most of the norm. */
    private static DataSet data() {
        DataSet data = Nets.data(2, DataType.DOUBLE, N, C);
        data.getFeatures().muli(100);
        return data;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void stepsAreThoseOfTheFormulas(GradientNormalization normalization, double threshold, boolean logStd) {
        MultiLayerNetwork theirs = network(
                new BatchNormalization.Builder().eps(EPS).decay(DECAY).useLogStd(logStd), normalization, threshold);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(theirs);
        MultiLayerNetwork ours = rewritten.network();
        Map<String, double[]> gradients = gradients(theirs, data());
        Map<String, double[]> changes = changes(data(), logStd);

        theirs.fit(data());
        Map<String, double[]> all = new LinkedHashMap<>(gradients);
        all.putAll(changes);
        Map<String, double[]> scaled = normalized(all, normalization, threshold);
        assertParameter(1, scaled.get("gamma"), RATE, theirs, "gamma");
        assertParameter(0, scaled.get("beta"), RATE, theirs, "beta");
        assertParameter(0, scaled.get("mean"), 1, theirs, "mean");
        String variance = logStd ? "log10stdev" : "var";
        assertParameter(logStd ? 0 : 1, scaled.get(variance), 1, theirs, variance);

        ours.fit(data());
        Map<String, double[]> own = normalized(gradients, normalization, threshold);
        assertParameter(1, own.get("gamma"), RATE, ours, "gamma");
        assertParameter(0, own.get("beta"), RATE, ours, "beta");
        assertParameter(0, changes.get("mean"), 1, ours, "mean");
        assertParameter(1, changes(data(), false).get("var"), 1, ours, "var");

        if (BY_LAYER.contains(normalization) && threshold == THRESHOLDS[1]) {
            double ratio = own.get("gamma")[0] / scaled.get("gamma")[0];
            assertTrue(ratio > 2, "no difference to report: " + ratio);
        }
        if (!BY_LAYER.contains(normalization)) {
            assertArrayEquals(scaled.get("gamma"), own.get("gamma"));
        }
        assertReported(normalization, rewritten);
    }

    /** Of γ = 1 and β = 0 below softmax and cross-entropy, the mean over the examples: Σ dy·x̂/N and Σ dy/N. */
    private static Map<String, double[]> gradients(MultiLayerNetwork network, DataSet data) {
        double[][] x = data.getFeatures().toDoubleMatrix();
        double[][] labels = data.getLabels().toDoubleMatrix();
        double[][] w = network.getLayer(1).getParam("W").toDoubleMatrix();
        double[] b = Nets.doubles(network.getLayer(1).getParam("b"));
        double[] gamma = new double[C];
        double[] beta = new double[C];
        for (int n = 0; n < N; n++) {
            double[] normalized = new double[C];
            double[] outputs = b.clone();
            for (int c = 0; c < C; c++) {
                normalized[c] = (x[n][c] - mean(x, c)) / Math.sqrt(variance(x, c) + EPS);
                for (int k = 0; k < outputs.length; k++) {
                    outputs[k] += normalized[c] * w[c][k];
                }
            }
            double sum = Arrays.stream(outputs).map(Math::exp).sum();
            for (int c = 0; c < C; c++) {
                double dy = 0;
                for (int k = 0; k < outputs.length; k++) {
                    dy += (Math.exp(outputs[k]) / sum - labels[n][k]) * w[c][k];
                }
                gamma[c] += dy * normalized[c] / N;
                beta[c] += dy / N;
            }
        }
        Map<String, double[]> gradients = new LinkedHashMap<>();
        gradients.put("gamma", gamma);
        gradients.put("beta", beta);
        return gradients;
    }

    /** What is to be subtracted from a mean of 0 and a variance of 1, or its log10 of the standard deviation. */
    private static Map<String, double[]> changes(DataSet data, boolean logStd) {
        double[][] x = data.getFeatures().toDoubleMatrix();
        double[] mean = new double[C];
        double[] variance = new double[C];
        for (int c = 0; c < C; c++) {
            mean[c] = -(1 - DECAY) * mean(x, c);
            double moved = DECAY + (1 - DECAY) * variance(x, c);
            variance[c] = logStd ? -Math.log10(Math.sqrt(moved)) : 1 - moved;
        }
        return Map.of("mean", mean, logStd ? "log10stdev" : "var", variance);
    }

    private static double mean(double[][] x, int c) {
        return Arrays.stream(x).mapToDouble(row -> row[c]).sum() / N;
    }

    private static double variance(double[][] x, int c) {
        double mean = mean(x, c);
        return Arrays.stream(x)
                        .mapToDouble(row -> (row[c] - mean) * (row[c] - mean))
                        .sum()
                / N;
    }

    /** What each normalization makes of the gradients of a layer, as DL4J's documentation has it. */
    private static Map<String, double[]> normalized(
            Map<String, double[]> gradients, GradientNormalization normalization, double threshold) {
        double ofLayer = norm(gradients.values().stream().flatMapToDouble(Arrays::stream));
        Map<String, double[]> normalized = new LinkedHashMap<>();
        gradients.forEach((name, gradient) -> {
            double ofParameter = norm(Arrays.stream(gradient));
            normalized.put(
                    name,
                    Arrays.stream(gradient)
                            .map(g -> switch (normalization) {
                                case None -> g;
                                case RenormalizeL2PerLayer -> g / ofLayer;
                                case RenormalizeL2PerParamType -> g / ofParameter;
                                case ClipElementWiseAbsoluteValue -> Math.max(-threshold, Math.min(threshold, g));
                                case ClipL2PerLayer -> g * Math.min(1, threshold / ofLayer);
                                case ClipL2PerParamType -> g * Math.min(1, threshold / ofParameter);
                            })
                            .toArray());
        });
        return normalized;
    }

    private static double norm(DoubleStream values) {
        return Math.sqrt(values.map(value -> value * value).sum());
    }

    private static void assertParameter(
            double initial, double[] step, double rate, MultiLayerNetwork network, String name) {
        double[] expected = Arrays.stream(step).map(s -> initial - rate * s).toArray();
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertArrayEquals(expected, Nets.doubles(network.getLayer(0).getParam(name)), 1e-12 * largest, name);
    }

    private static void assertReported(GradientNormalization normalization, Rewritten<MultiLayerNetwork> rewritten) {
        String there = rewritten.report().done().get(0).detail();
        String back = BatchNormReplacement.restore(rewritten.network())
                .report()
                .done()
                .get(0)
                .detail();
        if (normalization == GradientNormalization.None) {
            assertEquals("3 channels", there);
            assertEquals("3 channels", back);
            return;
        }
        boolean byLayer = BY_LAYER.contains(normalization);
        assertEquals(
                "3 channels; " + normalization + " no longer changes its running statistics"
                        + (byLayer
                                ? ", and without these in the norm of its gradient, gamma and beta take larger steps"
                                : ""),
                there);
        assertEquals(
                "3 channels; " + normalization + " will change its running statistics"
                        + (byLayer
                                ? ", and with these in the norm of its gradient, gamma and beta take smaller steps"
                                : ""),
                back);
    }

    /** They take no steps that anything could make larger. */
    @Test
    void fixedGammaAndBeta() {
        MultiLayerNetwork original =
                network(new BatchNormalization.Builder().lockGammaBeta(true), GradientNormalization.ClipL2PerLayer, 1);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertEquals(
                "3 channels; ClipL2PerLayer no longer changes its running statistics",
                rewritten.report().done().get(0).detail());
        assertEquals(
                "3 channels; ClipL2PerLayer will change its running statistics",
                BatchNormReplacement.restore(rewritten.network())
                        .report()
                        .done()
                        .get(0)
                        .detail());
    }
}
