package io.github.dl4jnorm;

import static io.github.dl4jnorm.Graphs.array;
import static io.github.dl4jnorm.Graphs.assertClose;
import static io.github.dl4jnorm.Graphs.assertSameBits;
import static io.github.dl4jnorm.Graphs.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What a spec and {@link RunningStatistics} add to BatchNorm in a graph: unbiased variances, ReLU, an offset of γ. */
class SDBatchNormTest {
    private static final double EPS = 1e-3;
    private static final double DECAY = 0.75;
    private static final long[] SHAPE = {5, 3, 2};

    @TempDir
    Path folder;

    /** A graph of BatchNorm on [N, 3, 2] with a loss that weighs every output differently. */
    private static SameDiff graph(NormSpec spec, boolean unbiased) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, 3, 2);
        SDVariable weights = sd.placeHolder("weights", DataType.DOUBLE, -1, 3, 2);
        RunningStatistics running = new RunningStatistics(
                        sd.constant("mean", Nd4j.createFromArray(0.5, -0.25, 0)),
                        sd.constant("var", Nd4j.createFromArray(2.0, 1, 0.5)),
                        DECAY)
                .withUnbiasedVariance(unbiased);
        SDVariable gamma = sd.var("gamma", Nd4j.createFromArray(1.5, -0.5, 0.75));
        SDVariable beta = sd.var("beta", Nd4j.createFromArray(0.25, 0.125, -0.5));
        SDVariable y = new SDNorm(sd).batchNorm("y", spec, x, gamma, beta, running);
        y.mul(weights).sum("loss").markAsLoss();
        sd.setTrainingConfig(Graphs.training(0));
        return sd;
    }

    private static NormSpec spec(boolean relu, boolean offset) {
        NormSpec spec = NormSpec.batchNorm(EPS, 1).withUnitOffset(offset);
        return relu ? spec.with(FusedActivation.RELU) : spec;
    }

    /** The variance of channel c of [N, 3, 2], in the textbook's two passes. */
    private static double variance(INDArray x, int channel, boolean unbiased) {
        INDArray values = x.tensorAlongDimension(channel, 0, 2).dup();
        double mean = 0;
        for (long i = 0; i < values.length(); i++) {
            mean += values.getDouble(i) / values.length();
        }
        double sum = 0;
        for (long i = 0; i < values.length(); i++) {
            sum += Math.pow(values.getDouble(i) - mean, 2);
        }
        return sum / (values.length() - (unbiased ? 1 : 0));
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void theRunningVarianceAveragesTheVariancesThatWereAskedFor(boolean unbiased) {
        SameDiff sd = graph(spec(false, false), unbiased);
        INDArray x = random(1, SHAPE);
        sd.fit(new DataSet(x, random(2, SHAPE)));
        double[] before = {2, 1, 0.5};
        for (int channel = 0; channel < 3; channel++) {
            double expected = DECAY * before[channel] + (1 - DECAY) * variance(x, channel, unbiased);
            assertEquals(expected, array(sd, "var").getDouble(channel), 1e-14);
        }
        assertClose(
                Nd4j.createFromArray(0.5, -0.25, 0).mul(DECAY).add(x.mean(0, 2).mul(1 - DECAY)),
                array(sd, "mean"),
                1e-14);
    }

    /** One value per channel has no unbiased variance; its biased one is 0. */
    @Test
    void ofOneValuePerChannelTheBiasedVarianceCounts() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, 3);
        SDVariable weights = sd.placeHolder("weights", DataType.DOUBLE, -1, 3);
        RunningStatistics running = new RunningStatistics(
                sd.constant("mean", Nd4j.zeros(DataType.DOUBLE, 3)),
                sd.constant("var", Nd4j.ones(DataType.DOUBLE, 3)),
                DECAY,
                true);
        SDVariable gamma = sd.var("gamma", Nd4j.ones(DataType.DOUBLE, 3));
        new SDNorm(sd)
                .batchNorm("y", NormSpec.batchNorm(EPS, 1), x, gamma, null, running)
                .mul(weights)
                .sum("loss")
                .markAsLoss();
        sd.setTrainingConfig(Graphs.training(0));
        INDArray one = Nd4j.createFromArray(new double[][] {{1, 2, 3}});
        sd.fit(new DataSet(one, one));
        assertSameBits(Nd4j.valueArrayOf(new long[] {3}, DECAY, DataType.DOUBLE), array(sd, "var"));
    }

    @ParameterizedTest
    @CsvSource({"true, false", "true, true", "false, true"})
    void outputsAndGradientsAreThoseOfTheReference(boolean relu, boolean offset) {
        NormSpec spec = spec(relu, offset);
        SameDiff sd = graph(spec, true);
        INDArray x = random(3, SHAPE);
        INDArray weights = random(4, SHAPE);
        double[] gamma = {1.5, -0.5, 0.75};
        double[] beta = {0.25, 0.125, -0.5};
        Map<String, INDArray> placeholders = Map.of("x", x, "weights", weights);

        Reference inference = Reference.given(
                spec.withGivenStatistics(), SHAPE, new double[] {0.5, -0.25, 0}, new double[] {2, 1, 0.5});
        Tolerances.assertClose(
                "y",
                inference.forward(Graphs.doubles(x), gamma, beta).y(),
                sd.output(placeholders, "y").get("y"));

        Reference.Gradients expected =
                Reference.backward(spec, SHAPE, Graphs.doubles(x), Graphs.doubles(weights), gamma, beta);
        Map<String, INDArray> actual = sd.calculateGradients(placeholders, "x", "gamma", "beta");
        Tolerances.assertClose("dx", expected.dx(), actual.get("x"));
        Tolerances.assertClose("dGamma", expected.dGamma(), actual.get("gamma"));
        Tolerances.assertClose("dBeta", expected.dBeta(), actual.get("beta"));
    }

    @ParameterizedTest
    @CsvSource({"true, true, true", "true, false, true", "false, true, false", "true, false, false"})
    void savedGraphsGiveTheSameAndTrainOn(boolean relu, boolean offset, boolean unbiased) {
        SameDiff sd = graph(spec(relu, offset), unbiased);
        sd.setTrainingConfig(Graphs.training(0.1));
        INDArray x = random(5, SHAPE);
        INDArray weights = random(6, SHAPE);
        sd.fit(new DataSet(x, weights));
        File file = folder.resolve("graph.fb").toFile();
        sd.save(file, true);
        SameDiff loaded = SameDiff.load(file, true);
        Map<String, INDArray> placeholders = Map.of("x", x, "weights", weights);
        assertSameBits(
                sd.output(placeholders, "y").get("y"),
                loaded.output(placeholders, "y").get("y"));
        INDArray before = array(sd, "var").dup();
        sd.fit(new DataSet(x, weights));
        loaded.fit(new DataSet(x, weights));
        assertTrue(array(sd, "var").sub(before).amaxNumber().doubleValue() > 0.01);
        for (String name : List.of("gamma", "beta", "mean", "var")) {
            assertSameBits(array(sd, name), array(loaded, name));
        }
    }

    @Test
    void otherSpecsAreRefused() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, 3);
        RunningStatistics running = new RunningStatistics(
                sd.constant(Nd4j.zeros(DataType.DOUBLE, 3)), sd.constant(Nd4j.ones(DataType.DOUBLE, 3)), DECAY);
        SDNorm norm = new SDNorm(sd);
        for (NormSpec spec : List.of(
                NormSpec.layerNorm(EPS, 1), NormSpec.batchNormInference(EPS, 1), NormSpec.groupNorm(3, EPS, 1))) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> norm.batchNorm("c5", spec, x, null, null, running));
            assertEquals(
                    "batchNorm \"c5\": expected a spec with a mean and variance per channel, got " + spec.statistic()
                            + " " + spec.axes().kind(),
                    e.getMessage());
        }
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> norm.batchNorm("c5", NormSpec.batchNorm(EPS, 1), x, null, null, null));
        assertEquals("batchNorm \"c5\": running is missing", e.getMessage());
        assertTrue(sd.getOps().isEmpty());
    }
}
