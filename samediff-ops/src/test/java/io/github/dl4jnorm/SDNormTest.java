package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.engine.NormGradients;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.profiler.ProfilerConfig;

/** The SameDiff ops in sessions: modes, running statistics, saving, threads, errors. */
class SDNormTest {
    private static final double EPS = 1e-3;

    @TempDir
    Path folder;

    @AfterEach
    void profilerOff() {
        Nd4j.getExecutioner().setProfilingConfig(ProfilerConfig.builder().build());
    }

    private static INDArray random(long seed, long... shape) {
        return Nd4j.rand(
                        Nd4j.create(DataType.DOUBLE, shape),
                        Nd4j.getRandomFactory().getNewRandomInstance(seed))
                .muli(2)
                .subi(0.7);
    }

    /** A graph of BatchNorm on [N, 3] with running statistics and a loss that weighs every output differently. */
    private static SameDiff batchNormGraph() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, 3);
        SDVariable weights = sd.placeHolder("weights", DataType.DOUBLE, -1, 3);
        SDVariable y = new SDNorm(sd).batchNorm("bn", x, 3, 1);
        y.mul(weights).sum("loss").markAsLoss();
        return sd;
    }

    private static TrainingConfig training(double learningRate) {
        return TrainingConfig.builder()
                .updater(new Sgd(learningRate))
                .dataSetFeatureMapping("x")
                .dataSetLabelMapping("weights")
                .build();
    }

    @Test
    void fitMovesRunningStatisticsOncePerIterationAndNothingElseDoes() {
        SameDiff sd = batchNormGraph();
        sd.setTrainingConfig(training(0.1));
        INDArray x = random(1, 16, 3);
        INDArray weights = random(2, 16, 3);
        INDArray mean = x.mean(0);
        INDArray variance = x.var(false, 0);

        INDArray expectedMean = Nd4j.zeros(DataType.DOUBLE, 3);
        INDArray expectedVariance = Nd4j.ones(DataType.DOUBLE, 3);
        for (int step = 0; step < 3; step++) {
            sd.fit(new DataSet(x, weights));
            expectedMean = expectedMean.mul(0.9).add(mean.mul(0.1));
            expectedVariance = expectedVariance.mul(0.9).add(variance.mul(0.1));
            assertClose(expectedMean, sd.getVariable("bn/mean").getArr(), 1e-14);
            assertClose(expectedVariance, sd.getVariable("bn/var").getArr(), 1e-14);

            sd.output(Map.of("x", x, "weights", weights), "bn");
            sd.calculateGradients(Map.of("x", x, "weights", weights), "bn/gamma");
            assertClose(expectedMean, sd.getVariable("bn/mean").getArr(), 1e-14);
        }
    }

    @Test
    void outputUsesRunningStatisticsAndGradientsUseTheBatch() {
        SameDiff sd = batchNormGraph();
        sd.getVariable("bn/mean").getArr().assign(Nd4j.createFromArray(0.5, -1, 2));
        sd.getVariable("bn/var").getArr().assign(Nd4j.createFromArray(0.25, 4, 1));
        INDArray x = random(3, 8, 3);
        INDArray weights = random(4, 8, 3);
        Map<String, INDArray> placeholders = Map.of("x", x, "weights", weights);

        INDArray expected = new NDNorm()
                .batchNormInference(
                        x,
                        Nd4j.createFromArray(0.5, -1, 2),
                        Nd4j.createFromArray(0.25, 4, 1),
                        null,
                        null,
                        SDNorm.DEFAULT_EPS,
                        1)
                .y();
        assertClose(expected, sd.output(placeholders, "bn").get("bn"), 1e-14);

        INDArray one = Nd4j.ones(DataType.DOUBLE, 3);
        INDArray zero = Nd4j.zeros(DataType.DOUBLE, 3);
        NormGradients gradients =
                new NDNorm().batchNorm(x, one, zero, SDNorm.DEFAULT_EPS, 1).backward(weights);
        Map<String, INDArray> actual = sd.calculateGradients(placeholders, "bn/gamma", "bn/beta");
        assertClose(gradients.dGamma(), actual.get("bn/gamma"), 1e-13);
        assertClose(gradients.dBeta(), actual.get("bn/beta"), 1e-13);
    }

    @Test
    void everyGradientMatchesAutodiffOfThePrimitiveFormula() {
        INDArray x = random(5, 6, 4, 3);
        INDArray weights = random(6, 6, 4, 3);
        INDArray gamma = random(7, 4).addi(1);
        INDArray beta = random(8, 4);
        INDArray mean = random(9, 4);
        INDArray variance = random(10, 4).addi(2);
        INDArray gain = random(11, 4, 3);

        Formula train =
                (sd, v) -> new SDNorm(sd).batchNormTraining("y", v.get("x"), v.get("gamma"), v.get("beta"), EPS, 1);
        Formula trainPrimitive = (sd, v) -> {
            SDVariable m = v.get("x").mean(true, 0, 2);
            SDVariable c = v.get("x").sub(m);
            SDVariable s = sd.math().sqrt(c.mul(c).mean(true, 0, 2).add(EPS));
            return c.div(s)
                    .mul(v.get("gamma").reshape(1, 4, 1))
                    .add(v.get("beta").reshape(1, 4, 1));
        };
        assertSameGradients(train, trainPrimitive, weights, Map.of("x", x, "gamma", gamma, "beta", beta));

        Formula inference = (sd, v) -> new SDNorm(sd)
                .batchNormInference(
                        "y", v.get("x"), v.get("mean"), v.get("var"), v.get("gamma"), v.get("beta"), EPS, -2);
        Formula inferencePrimitive = (sd, v) -> {
            SDVariable c = v.get("x").sub(v.get("mean").reshape(1, 4, 1));
            SDVariable s = sd.math().sqrt(v.get("var").add(EPS)).reshape(1, 4, 1);
            return c.div(s)
                    .mul(v.get("gamma").reshape(1, 4, 1))
                    .add(v.get("beta").reshape(1, 4, 1));
        };
        assertSameGradients(
                inference,
                inferencePrimitive,
                weights,
                Map.of("x", x, "gamma", gamma, "beta", beta, "mean", mean, "var", variance));

        Formula withoutGamma = (sd, v) ->
                new SDNorm(sd).batchNormInference("y", v.get("x"), v.get("mean"), v.get("var"), null, null, EPS, 1);
        Formula withoutGammaPrimitive = (sd, v) -> v.get("x")
                .sub(v.get("mean").reshape(1, 4, 1))
                .div(sd.math().sqrt(v.get("var").add(EPS)).reshape(1, 4, 1));
        assertSameGradients(
                withoutGamma, withoutGammaPrimitive, weights, Map.of("x", x, "mean", mean, "var", variance));

        Formula layer = (sd, v) -> new SDNorm(sd).layerNorm("y", v.get("x"), v.get("gain"), null, EPS, 1, 2);
        Formula layerPrimitive = (sd, v) -> {
            SDVariable c = v.get("x").sub(v.get("x").mean(true, 1, 2));
            SDVariable s = sd.math().sqrt(c.mul(c).mean(true, 1, 2).add(EPS));
            return c.div(s).mul(v.get("gain").reshape(1, 4, 3));
        };
        assertSameGradients(layer, layerPrimitive, weights, Map.of("x", x, "gain", gain));

        Formula sum = (sd, v) -> new SDNorm(sd).sumNorm("y", v.get("x"), 9, 0, 2);
        Formula sumPrimitive =
                (sd, v) -> v.get("x").div(v.get("x").sum(true, 0, 2).add(9));
        assertSameGradients(sum, sumPrimitive, weights, Map.of("x", x));
    }

    private interface Formula {
        SDVariable of(SameDiff sd, Map<String, SDVariable> variables);
    }

    private static void assertSameGradients(
            Formula ours, Formula primitive, INDArray weights, Map<String, INDArray> inputs) {
        Map<String, INDArray> expected = gradients(primitive, weights, inputs);
        Map<String, INDArray> actual = gradients(ours, weights, inputs);
        for (String input : inputs.keySet()) {
            assertClose(expected.get(input), actual.get(input), 1e-9);
        }
    }

    private static Map<String, INDArray> gradients(Formula formula, INDArray weights, Map<String, INDArray> inputs) {
        SameDiff sd = SameDiff.create();
        Map<String, SDVariable> variables = new HashMap<>();
        inputs.forEach((name, array) -> variables.put(name, sd.var(name, array.dup())));
        formula.of(sd, variables)
                .mul(sd.constant("weights", weights))
                .sum("loss")
                .markAsLoss();
        return sd.calculateGradients(Map.of(), inputs.keySet());
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
    void savedGraphsLoadAndTrainOn() {
        SameDiff sd = batchNormGraph();
        sd.setTrainingConfig(training(0.1));
        INDArray x = random(30, 16, 3);
        INDArray weights = random(31, 16, 3);
        sd.fit(new DataSet(x, weights));
        File file = folder.resolve("graph.fb").toFile();
        sd.save(file, true);
        SameDiff loaded = SameDiff.load(file, true);

        Map<String, INDArray> placeholders = Map.of("x", x, "weights", weights);
        assertSameBits(
                sd.output(placeholders, "bn").get("bn"),
                loaded.output(placeholders, "bn").get("bn"));
        for (int i = 0; i < 3; i++) {
            sd.fit(new DataSet(x, weights));
            loaded.fit(new DataSet(x, weights));
        }
        for (String name : List.of("bn/gamma", "bn/beta", "bn/mean", "bn/var")) {
            assertSameBits(
                    sd.getVariable(name).getArr(), loaded.getVariable(name).getArr());
        }
    }

    @Test
    void aFreshProgramLoadsAGraphWithoutNamingThisLibrary() throws Exception {
        SameDiff sd = batchNormGraph();
        File file = folder.resolve("graph.fb").toFile();
        sd.save(file, true);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadGraph.class.getName(),
                        file.getPath())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log.txt").toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> log(folder.resolve("log.txt")));
    }

    private static String log(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Loads and runs a graph through SameDiff alone. */
    static final class LoadGraph {
        private LoadGraph() {}

        public static void main(String[] args) {
            SameDiff sd = SameDiff.load(new File(args[0]), true);
            INDArray x = Nd4j.ones(DataType.DOUBLE, 2, 3);
            sd.output(Map.of("x", x, "weights", x), "bn");
        }
    }

    @Test
    void profilingChangesNothing() {
        INDArray x = random(40, 16, 3);
        DataSet data = new DataSet(x, random(41, 16, 3));
        SameDiff plain = batchNormGraph();
        plain.setTrainingConfig(training(0.1));
        plain.fit(data);

        Nd4j.getExecutioner()
                .setProfilingConfig(ProfilerConfig.builder()
                        .stackTrace(true)
                        .checkElapsedTime(true)
                        .checkForNAN(true)
                        .checkForINF(true)
                        .checkWorkspaces(true)
                        .build());
        SameDiff profiled = batchNormGraph();
        profiled.setTrainingConfig(training(0.1));
        profiled.fit(data);
        for (String name : List.of("bn/gamma", "bn/beta", "bn/mean", "bn/var")) {
            assertSameBits(
                    plain.getVariable(name).getArr(), profiled.getVariable(name).getArr());
        }
    }

    @Test
    void manySessionsAtOnceGiveTheBitsOfOne() throws Exception {
        SameDiff sd = batchNormGraph();
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
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, -1);
        new SDNorm(sd).batchNormTraining("bn", x, sd.var("gamma", Nd4j.ones(3)), null, EPS, 1);
        new SDNorm(sd).layerNorm("ln", x, null, null, EPS, 2);
        new SDNorm(sd).sumNorm("sn", x, 0, 0);
        Map<String, INDArray> input = Map.of("x", Nd4j.ones(4, 5));
        assertMessage(() -> sd.output(input, "bn"), "expected gamma of shape [5], got [3]");
        assertMessage(() -> sd.output(input, "ln"), "axis 2 is out of range for rank 2");
        ArithmeticException zero = assertThrows(
                ArithmeticException.class,
                () -> sd.output(Map.of("x", Nd4j.createFromArray(new float[][] {{1, 2}, {3, -2}})), "sn"));
        assertTrue(zero.getMessage().contains("is zero at index [1]"), zero.getMessage());
    }

    private static void assertMessage(Runnable call, String expected) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    /** INDArray.equals would let differences of 1e-5 pass. */
    private static void assertSameBits(INDArray expected, INDArray actual) {
        assertArrayEquals(doubles(expected), doubles(actual));
    }

    private static double[] doubles(INDArray array) {
        return array.dup('c').data().asDouble();
    }

    private static void assertClose(INDArray expected, INDArray actual, double tolerance) {
        assertNotNull(actual);
        assertArrayEquals(expected.shape(), actual.shape(), () -> Arrays.toString(actual.shape()));
        double[] e = doubles(expected);
        double[] a = doubles(actual);
        for (int i = 0; i < e.length; i++) {
            assertEquals(e[i], a[i], tolerance * Math.max(1, Math.abs(e[i])), "element " + i);
        }
        assertFalse(Double.isNaN(actual.sumNumber().doubleValue()));
    }
}
