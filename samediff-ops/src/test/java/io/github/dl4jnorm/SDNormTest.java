package io.github.dl4jnorm;

import static io.github.dl4jnorm.Graphs.assertSameBits;
import static io.github.dl4jnorm.Graphs.doubles;
import static io.github.dl4jnorm.Graphs.random;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.NormSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.profiler.ProfilerConfig;

/** The SameDiff ops in sessions: learning, profiling, threads, errors. */
class SDNormTest {
    private static final double EPS = 1e-3;

    @AfterEach
    void profilerOff() {
        Nd4j.getExecutioner().setProfilingConfig(ProfilerConfig.builder().build());
    }

    @Test
    void aSmallNetworkLearnsWithAdam() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, 2);
        SDVariable label = sd.placeHolder("label", DataType.DOUBLE, -1, 1);
        SDNorm norm = new SDNorm(sd);
        SDVariable w1 = sd.var("w1", random(20, 2, 8));
        SDVariable h = sd.math().tanh(norm.batchNorm("bn", x.mmul(w1), 8, 1));
        SDVariable ln = norm.layerNorm(
                "ln",
                h,
                sd.var("g", Nd4j.ones(DataType.DOUBLE, 8)),
                sd.var("b", Nd4j.zeros(DataType.DOUBLE, 8)),
                EPS,
                -1);
        SDVariable share = norm.sumNorm("share", sd.nn().softplus(ln), 0, -1);
        SDVariable out = share.mmul(sd.var("w2", random(21, 8, 1)));
        sd.loss().meanSquaredError("loss", label, out, null).markAsLoss();
        sd.setTrainingConfig(TrainingConfig.builder()
                .updater(new Adam(0.05))
                .dataSetFeatureMapping("x")
                .dataSetLabelMapping("label")
                .build());

        INDArray features = random(22, 64, 2);
        INDArray labels = features.getColumn(0, true).mul(features.getColumn(1, true));
        double before = loss(sd, features, labels);
        for (int i = 0; i < 200; i++) {
            sd.fit(new DataSet(features, labels));
        }
        double after = loss(sd, features, labels);
        assertTrue(after < before / 10, "loss went from " + before + " to " + after);
    }

    private static double loss(SameDiff sd, INDArray features, INDArray labels) {
        return sd.output(Map.of("x", features, "label", labels), "loss")
                .get("loss")
                .getDouble(0);
    }

    @Test
    void profilingChangesNothing() {
        INDArray x = random(40, 16, 3);
        DataSet data = new DataSet(x, random(41, 16, 3));
        SameDiff plain = Graphs.batchNorm(DataType.DOUBLE);
        plain.setTrainingConfig(Graphs.training(0.1));
        plain.fit(data);

        Nd4j.getExecutioner()
                .setProfilingConfig(ProfilerConfig.builder()
                        .stackTrace(true)
                        .checkElapsedTime(true)
                        .checkForNAN(true)
                        .checkForINF(true)
                        .checkWorkspaces(true)
                        .build());
        SameDiff profiled = Graphs.batchNorm(DataType.DOUBLE);
        profiled.setTrainingConfig(Graphs.training(0.1));
        profiled.fit(data);
        for (String name : List.of("bn/gamma", "bn/beta", "bn/mean", "bn/var")) {
            assertSameBits(
                    plain.getVariable(name).getArr(), profiled.getVariable(name).getArr());
        }
    }

    @Test
    void manySessionsAtOnceGiveTheBitsOfOne() throws Exception {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        INDArray weights = random(50, 32, 3);
        List<INDArray> inputs = new ArrayList<>();
        List<INDArray> expected = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            INDArray x = random(60 + i, 32, 3);
            inputs.add(x);
            expected.add(sd.output(Map.of("x", x, "weights", weights), "bn")
                    .get("bn")
                    .dup());
        }
        ExecutorService pool = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                int task = i;
                tasks.add(() -> {
                    for (int round = 0; round < 20; round++) {
                        INDArray y = sd.output(Map.of("x", inputs.get(task), "weights", weights), "bn")
                                .get("bn");
                        if (!Arrays.equals(doubles(expected.get(task)), doubles(y))) {
                            return false;
                        }
                    }
                    return true;
                });
            }
            for (Future<Boolean> same : pool.invokeAll(tasks)) {
                assertTrue(same.get());
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void gradientsThroughSavedStatisticsAreRefused() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", random(70, 4, 3));
        SDVariable y = new SDNorm(sd).batchNormTraining("y", x, null, null, EPS, 1);
        SDVariable mean = sd.getVariable(sd.getVariableOutputOp("y").outputVariablesNames()[1]);
        y.sum().add(mean.sum()).rename("loss").markAsLoss();
        UnsupportedOperationException e =
                assertThrows(UnsupportedOperationException.class, () -> sd.calculateGradients(Map.of(), "x"));
        assertTrue(e.getMessage().contains("saved statistic without a gradient"), e.getMessage());
    }

    @Test
    void badArgumentsAreNamed() {
        SameDiff sd = SameDiff.create();
        SDNorm norm = new SDNorm(sd);
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 3);
        SDVariable ints = sd.placeHolder("ints", DataType.INT32, -1, 3);
        SDVariable mean = sd.constant("mean", Nd4j.zeros(3));
        SDVariable variance = sd.constant("variance", Nd4j.ones(3));
        SDVariable trainable = sd.var("trainable", Nd4j.zeros(3));
        SDVariable wide = sd.var("wide", Nd4j.zeros(DataType.DOUBLE, 3));

        assertMessage(() -> norm.layerNorm("ln", x, null, null, 0, 1), "layerNorm \"ln\": expected eps > 0, got 0.0");
        assertMessage(() -> norm.layerNorm("ln", x, null, null, EPS), "expected at least one axis");
        assertMessage(() -> norm.layerNorm("ln", ints, null, null, EPS, 1), "got INT");
        assertMessage(() -> norm.layerNorm("ln", x, wide, null, EPS, 1), "x is FLOAT, gamma is DOUBLE");
        assertMessage(() -> norm.sumNorm("sn", x, -1, 1), "sumNorm \"sn\": expected eps >= 0, got -1.0");
        assertMessage(
                () -> norm.batchNorm("bn", x, null, null, mean, variance, EPS, 1.5, 1), "decay in [0, 1], got 1.5");
        assertMessage(() -> norm.batchNorm("bn", x, null, null, null, variance, EPS, 0.9, 1), "runningMean is missing");
        assertMessage(
                () -> norm.batchNorm("bn", x, null, null, mean, trainable, EPS, 0.9, 1),
                "expected runningVariance to be a CONSTANT");
        assertMessage(() -> norm.layerNorm("ln", x, null, wide, EPS, 1), "x is FLOAT, beta is DOUBLE");
        assertMessage(
                () -> norm.batchNormInference("bn", x, mean, variance, null, null, -1, 1),
                "batchNormInference \"bn\": expected eps >= 0, got -1.0");
        assertMessage(
                () -> norm.batchNormInference("bn", x, mean, null, null, null, 0, 1),
                "batchNormInference \"bn\": variance is missing");
        assertMessage(() -> norm.unitNorm(null, x, 0, 1), "unitNorm: expected eps > 0, got 0.0");
        assertMessage(
                () -> norm.normalize("n", NormSpec.batchNormInference(0, 1), x, null, null),
                "normalize \"n\": expected statistics that come from x, got GIVEN; use batchNormInference");
    }

    @Test
    void eagerModeIsRefused() {
        SameDiff sd = SameDiff.create().enableEagerMode();
        UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class, () -> new SDNorm(sd));
        assertTrue(e.getMessage().contains("not in eager mode"), e.getMessage());
    }

    @Test
    void badShapesAreNamedWhenTheGraphRuns() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT);
        new SDNorm(sd).batchNormTraining("bn", x, sd.var("gamma", Nd4j.ones(3)), null, EPS, 1);
        new SDNorm(sd).layerNorm("ln", x, null, null, EPS, 2);
        new SDNorm(sd).sumNorm("sn", x, 0, 0);
        new SDNorm(sd).groupNorm("gn", x, 2, null, null, EPS, 1);
        new SDNorm(sd).instanceNorm("in", x, null, null, EPS, 1);
        Map<String, INDArray> input = Map.of("x", Nd4j.ones(4, 5));
        assertMessage(() -> sd.output(input, "bn"), "expected gamma of shape [5], got [3]");
        assertMessage(() -> sd.output(input, "ln"), "axis 2 is out of range for rank 2");
        assertMessage(() -> sd.output(input, "gn"), "expected a number of groups that divides the 5 channels");
        assertMessage(() -> sd.output(input, "in"), "expected an array of rank 3 or more, got shape [4, 5]");
        ArithmeticException zero = assertThrows(
                ArithmeticException.class,
                () -> sd.output(Map.of("x", Nd4j.createFromArray(new float[][] {{1, 2}, {3, -2}})), "sn"));
        assertTrue(zero.getMessage().contains("is zero at index [1]"), zero.getMessage());
    }

    private static void assertMessage(Runnable call, String expected) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }
}
