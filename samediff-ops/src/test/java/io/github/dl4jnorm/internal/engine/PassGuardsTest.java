package io.github.dl4jnorm.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.NDNorm;
import io.github.dl4jnorm.SDNorm;
import io.github.dl4jnorm.internal.kernel.KernelChoice;
import io.github.dl4jnorm.internal.kernel.Workers;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.exception.ND4JIllegalStateException;
import org.nd4j.linalg.exception.ND4JOpProfilerException;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.profiler.OpProfiler;
import org.nd4j.linalg.profiler.ProfilerConfig;

/** What ND4J's executioner watches over is watched over in fused passes too, where their user wants it. */
class PassGuardsTest {
    private static final NormSpec SPEC = NormSpec.batchNorm(1e-3, 1);
    private static final long[] SHAPE = {4, 3};
    private static final List<String> FORWARD =
            List.of("x", "gamma", "beta", "center", "centerResidual", "measure", "scale", "y");
    private static final List<String> BACKWARD = List.of(
            "x", "dy", "gamma", "beta", "center", "centerResidual", "measure", "scale", "dx", "dGamma", "dBeta");

    private final NormEngine engine = new FusedEngine(KernelChoice.configured(), new Workers(1));

    private static void configure(ProfilerConfig config) {
        Nd4j.getExecutioner().setProfilingConfig(config);
    }

    private static ProfilerConfig none() {
        return ProfilerConfig.builder().checkWorkspaces(false).build();
    }

    private static ProfilerConfig nan() {
        return ProfilerConfig.builder().checkForNAN(true).build();
    }

    private static ProfilerConfig inf() {
        return ProfilerConfig.builder().checkForINF(true).build();
    }

    /** ND4J's own default: workspaces are checked. */
    @AfterEach
    void profilerOff() {
        configure(ProfilerConfig.builder().build());
        OpProfiler.getInstance().reset();
    }

    private static INDArray array(String name) {
        boolean whole = List.of("x", "y", "dy", "dx").contains(name);
        int length = whole ? 12 : 3;
        return Doubles.toArray(
                DataType.FLOAT, whole ? SHAPE : new long[] {3}, Samples.gaussian(7 + name.length(), length));
    }

    private static List<INDArray> arrays(List<String> names) {
        return new ArrayList<>(names.stream().map(PassGuardsTest::array).toList());
    }

    private void forward(List<INDArray> a) {
        engine.forward(
                SPEC,
                a.get(0),
                new AffineParameters(a.get(1), a.get(2)),
                new GroupStatistics(a.get(3), a.get(4), a.get(5), a.get(6)),
                a.get(7));
    }

    private void backward(List<INDArray> a) {
        engine.backward(
                SPEC,
                a.get(0),
                a.get(1),
                new AffineParameters(a.get(2), a.get(3)),
                new GroupStatistics(a.get(4), a.get(5), a.get(6), a.get(7)),
                new Gradients(a.get(8), a.get(9), a.get(10)));
    }

    private void run(boolean forward, List<INDArray> arrays) {
        if (forward) {
            forward(arrays);
        } else {
            backward(arrays);
        }
    }

    private static MemoryWorkspace workspace() {
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 16).build();
        return Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "GUARDS");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void arraysOfAClosedWorkspaceAreRefusedWhereverTheyAre(boolean forward) {
        List<String> names = forward ? FORWARD : BACKWARD;
        for (int i = 0; i < names.size(); i++) {
            List<INDArray> arrays = arrays(names);
            try (MemoryWorkspace open = workspace()) {
                arrays.set(i, arrays.get(i).dup());
                assertTrue(arrays.get(i).isAttached());
                List<INDArray> whileOpen = arrays;
                assertDoesNotThrow(() -> run(forward, whileOpen));
            }
            assertRefused(names.get(i), forward, arrays, "is no longer open");
            try (MemoryWorkspace reopened = workspace()) {
                assertRefused(names.get(i), forward, arrays, "has been closed and opened again");
            }
        }
    }

    private void assertRefused(String name, boolean forward, List<INDArray> arrays, String why) {
        ND4JIllegalStateException e = assertThrows(ND4JIllegalStateException.class, () -> run(forward, arrays), name);
        String expected = "fused " + (forward ? "forward" : "backward") + " pass of " + SPEC + ": " + name
                + " is in workspace \"GUARDS\", which " + why;
        assertTrue(e.getMessage().startsWith(expected), e.getMessage());
    }

    /** As the executioner does, which ND4J's operations go through. */
    @Test
    void functionsRefuseThemAsNd4jDoes() {
        INDArray x;
        try (MemoryWorkspace open = workspace()) {
            x = Nd4j.ones(DataType.FLOAT, SHAPE);
        }
        assertThrows(ND4JIllegalStateException.class, () -> x.add(1));
        assertThrows(ND4JIllegalStateException.class, () -> new NDNorm().layerNorm(x, null, null, 1e-3, 1));
        configure(none());
        assertDoesNotThrow(() -> x.add(1));
        assertDoesNotThrow(() -> new NDNorm().layerNorm(x, null, null, 1e-3, 1));
        configure(null);
        assertDoesNotThrow(() -> new NDNorm().layerNorm(x, null, null, 1e-3, 1));
    }

    @Test
    void closedArraysAreNamed() {
        for (boolean forward : new boolean[] {true, false}) {
            List<String> names = forward ? FORWARD : BACKWARD;
            for (int i = 0; i < names.size(); i++) {
                List<INDArray> arrays = arrays(names);
                arrays.get(i).close();
                IllegalStateException e = assertThrows(IllegalStateException.class, () -> run(forward, arrays));
                assertTrue(e.getMessage().endsWith(": " + names.get(i) + " was closed before"), e.getMessage());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, NaN", "false, NaN", "true, Infinity", "false, Infinity", "false, -Infinity"})
    void nanAndInfinityPanicInEveryTypeWhereWanted(boolean forward, double value) {
        boolean isNan = Double.isNaN(value);
        int inputs = forward ? 3 : 4;
        for (DataType type : Samples.TYPES) {
            for (int i = 0; i < inputs; i++) {
                List<String> names = forward ? FORWARD : BACKWARD;
                List<INDArray> arrays = arrays(names);
                for (int j = 0; j < arrays.size(); j++) {
                    boolean statistic = FORWARD.subList(3, 7).contains(names.get(j));
                    arrays.set(j, arrays.get(j).castTo(statistic ? ComputeTypes.of(type) : type));
                }
                arrays.get(i).putScalar(1, value);
                configure(isNan ? nan() : inf());
                ND4JOpProfilerException e = assertThrows(
                        ND4JOpProfilerException.class, () -> run(forward, arrays), type + " " + names.get(i));
                assertTrue(
                        e.getMessage().contains(": " + names.get(i) + ": ")
                                && e.getMessage().contains("contains 1 " + (isNan ? "NaN" : "Inf")),
                        e.getMessage());
                configure(ProfilerConfig.builder().build());
                assertDoesNotThrow(() -> run(forward, arrays));
            }
        }
    }

    /** Finite inputs, and an output beyond the range of FLOAT. */
    @Test
    void whatAPassMakesPanicsToo() {
        List<INDArray> arrays = arrays(FORWARD);
        arrays.get(1).assign(3e38);
        arrays.get(0).muli(10);
        assertDoesNotThrow(() -> forward(arrays));
        assertTrue(arrays.get(7).isInfinite().any());
        configure(inf());
        ND4JOpProfilerException e = assertThrows(ND4JOpProfilerException.class, () -> forward(arrays));
        assertTrue(e.getMessage().contains(": y: "), e.getMessage());
    }

    @Test
    void passesAreCountedAndTimedWhereWanted() {
        OpProfiler profiler = OpProfiler.getInstance();
        profiler.reset();
        forward(arrays(FORWARD));
        assertEquals(0, profiler.getInvocationsCount());

        List<INDArray> arrays = arrays(FORWARD);
        List<INDArray> backwardArrays = arrays(BACKWARD);
        configure(
                ProfilerConfig.builder().stackTrace(true).checkElapsedTime(true).build());
        profiler.reset();
        forward(arrays);
        forward(arrays);
        backward(backwardArrays);
        assertEquals(3, profiler.getInvocationsCount());
        String counts = profiler.getOpCounter().asString();
        assertTrue(counts.matches("(?s).*dl4jnorm_forward +>>> \\[2].*"), counts);
        assertTrue(counts.matches("(?s).*dl4jnorm_backward +>>> \\[1].*"), counts);
        assertEquals(3, profiler.getMethodsAggregator().getTotalEventsNumber());
        assertTrue(profiler.getClassAggergator().asString().contains("CustomOp"));
    }

    /** A panic names the op as its user did, and comes before running statistics are moved. */
    @Test
    void graphsPanicBeforeRunningStatisticsMove() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 3);
        SDVariable weights = sd.placeHolder("weights", DataType.FLOAT, -1, 3);
        new SDNorm(sd).batchNorm("c5", x, 3, 1).mul(weights).sum("loss").markAsLoss();
        sd.setTrainingConfig(TrainingConfig.builder()
                .updater(new Sgd(0.1))
                .dataSetFeatureMapping("x")
                .dataSetLabelMapping("weights")
                .build());
        INDArray data = array("x");
        sd.fit(new DataSet(data, data));
        double[] mean = Doubles.of(sd.getVariable("c5/mean").getArr());
        double[] variance = Doubles.of(sd.getVariable("c5/var").getArr());
        INDArray bad = data.dup().putScalar(1, 1, Double.NaN);
        configure(nan());
        ND4JOpProfilerException e = assertThrows(ND4JOpProfilerException.class, () -> sd.fit(new DataSet(bad, data)));
        assertTrue(e.getMessage().startsWith("batchNorm \"c5\": "), e.getMessage());
        assertTrue(e.getMessage().contains(": x: "), e.getMessage());
        assertArrayEquals(mean, Doubles.of(sd.getVariable("c5/mean").getArr()));
        assertArrayEquals(variance, Doubles.of(sd.getVariable("c5/var").getArr()));

        sd.fit(new DataSet(data, data));
        assertTrue(Double.isFinite(sd.output(Map.of("x", data, "weights", data), "loss")
                .get("loss")
                .getDouble(0)));
    }
}
