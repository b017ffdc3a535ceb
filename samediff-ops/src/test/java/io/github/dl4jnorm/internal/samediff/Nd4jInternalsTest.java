package io.github.dl4jnorm.internal.samediff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.SDNorm;
import io.github.dl4jnorm.testing.GraphListener;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.autodiff.samediff.internal.AbstractSession;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.autodiff.samediff.internal.TrainingSession;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.executioner.DefaultOpExecutioner;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.api.ops.impl.shape.ZerosLike;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.profiler.OpProfiler;
import org.nd4j.linalg.profiler.ProfilerConfig;

/**
 * What this package takes for granted about the inside of ND4J {@value #VERSION}, which promises none of it. A test that
 * fails here after a change of version says what to look at; {@link JavaOp}, {@link BatchNormOp} and {@code SDNorm.hide}
 * are where it is used.
 */
class Nd4jInternalsTest {
    private static final String VERSION = "1.0.0-M2.1";

    /** What the op of this test and a listener saw, in order. */
    private static final List<String> SEEN = new ArrayList<>();

    private static OpContext prepared;
    private static List<Class<?>> stack = List.of();

    @AfterEach
    void profilerOff() {
        Nd4j.getExecutioner().setProfilingConfig(ProfilerConfig.builder().build());
        OpProfiler.getInstance().reset();
        SEEN.clear();
    }

    /** All that a JavaOp overrides, written down instead of acted on. */
    static final class Recorder extends JavaOp {
        static final String NAME = "dl4jnorm_test_recorder";

        Recorder(SameDiff sd, SDVariable x) {
            super(sd, x);
        }

        @Override
        protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
            SEEN.add("shapes");
            return List.of(LongShapeDescriptor.fromShape(
                    inputs.get(0).shape(), inputs.get(0).dataType()));
        }

        @Override
        protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
            SEEN.add("compute");
            stack = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                    .walk(frames -> frames.<Class<?>>map(StackWalker.StackFrame::getDeclaringClass)
                            .toList());
            outputs.get(0).assign(inputs.get(0)).addi(1);
        }

        @Override
        protected String describe() {
            return NAME;
        }

        @Override
        public String opName() {
            return NAME;
        }

        @Override
        public int getNumOutputs() {
            return 1;
        }

        @Override
        public List<DataType> calculateOutputDataTypes(List<DataType> types) {
            return types;
        }
    }

    private static SameDiff recorder() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 3);
        new Recorder(sd, x).outputVariables()[0].rename("y");
        return sd;
    }

    private static Map<String, INDArray> placeholders() {
        INDArray x = Nd4j.createFromArray(new float[][] {{1, 2, 4}, {3, 5, 9}});
        return Map.of("x", x, "weights", x);
    }

    private static SameDiff trained() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 3);
        SDVariable weights = sd.placeHolder("weights", DataType.FLOAT, -1, 3);
        SDVariable y = new SDNorm(sd).batchNorm("bn", x, 3, 1);
        y.mul(weights).sum("loss").markAsLoss();
        sd.setTrainingConfig(TrainingConfig.builder()
                .updater(new Sgd(0.1))
                .dataSetFeatureMapping("x")
                .dataSetLabelMapping("weights")
                .build());
        return sd;
    }

    @Test
    void theVersionIsTheOneThatWasLookedAt() throws Exception {
        Properties properties = new Properties();
        try (InputStream in = SameDiff.class.getResourceAsStream("/META-INF/maven/org.nd4j/nd4j-api/pom.properties")) {
            properties.load(in);
        }
        assertEquals(
                VERSION,
                properties.getProperty("version"),
                "ND4J has another version: if the other tests here pass, look at the new version's user-defined ops, which"
                        + " may replace JavaOp, and set VERSION");
    }

    /** JavaOp: shapes are asked for, then listeners called, then the op executed, in one context. */
    @Test
    void aSessionAsksForShapesThenCallsListenersThenExecutes() {
        SameDiff sd = recorder();
        sd.setListeners(new GraphListener() {
            @Override
            public void preOpExecution(SameDiff graph, At at, SameDiffOp op, OpContext context) {
                SEEN.add("listener, outputs " + context.getOutputArrays().size());
                prepared = context;
            }

            @Override
            public void opExecution(
                    SameDiff graph, At at, MultiDataSet batch, SameDiffOp op, OpContext context, INDArray[] outputs) {
                assertSame(prepared, context);
            }
        });
        INDArray x = placeholders().get("x");
        assertEquals(x.add(1), sd.output(Map.of("x", x), "y").get("y"));
        assertEquals(List.of("shapes", "listener, outputs 1", "compute"), SEEN);
        assertTrue(prepared.getOutputArrays().isEmpty(), "a session clears the context after every op");
    }

    /** JavaOp: the body runs where the executioner asks for the hash, below its exec, and the profiler runs nothing. */
    @Test
    void theExecutionerAsksForTheHashAndTheProfilerDoesToo() {
        Nd4j.getExecutioner()
                .setProfilingConfig(ProfilerConfig.builder()
                        .stackTrace(true)
                        .checkElapsedTime(true)
                        .build());
        recorder().output(Map.of("x", Nd4j.ones(DataType.FLOAT, 2000, 3)), "y");
        assertEquals(List.of("shapes", "compute"), SEEN);
        assertTrue(stack.stream().anyMatch(OpExecutioner.class::isAssignableFrom), stack::toString);
        assertInstanceOf(DefaultOpExecutioner.class, Nd4j.getExecutioner());
    }

    /** JavaOp: there is a noop in the native library, which does nothing. */
    @Test
    void thereIsANoop() {
        assertTrue(Nd4j.getExecutioner().getCustomOperations().containsKey("noop"));
        assertNotEquals(
                0, Nd4j.getExecutioner().getCustomOperations().get("noop").getHash());
    }

    /** JavaOp.passTypeCheck is needed as long as this throws. */
    @Test
    void theNoopAsksForOutputsOfTheTypesOfItsInputs() throws Exception {
        try (OpContext context = Nd4j.getExecutioner().buildContext()) {
            context.shapeFunctionOverride(true);
            context.setInputArrays(Nd4j.ones(DataType.FLOAT16, 3));
            context.setOutputArrays(Nd4j.ones(DataType.FLOAT16, 3), Nd4j.ones(DataType.FLOAT, 3));
            DynamicCustomOp noop = DynamicCustomOp.builder("noop").build();
            RuntimeException e = assertThrows(
                    RuntimeException.class, () -> Nd4j.getExecutioner().exec(noop, context));
            assertTrue(e.getMessage().contains("op type [noop] execution failed"), e.getMessage());
        }
    }

    /** BatchNormOp: gradient functions, and they alone, have the gradient of the loss by itself. */
    @Test
    void gradientFunctionsHaveOneVar() {
        SameDiff sd = trained();
        sd.calculateGradients(placeholders(), "bn/gamma");
        assertFalse(sd.hasVariable("one-var"));
        assertTrue(
                sd.getFunction("grad").hasVariable("one-var"),
                "SameDiff.createGradFunction names the gradient of the loss otherwise: see GRADIENT_FUNCTION_MARK");
    }

    /** BatchNormOp.isTraining: between an op and the output of its session there is a TrainingSession in fit only. */
    @Test
    void sessionsAreOnTheStackOfWhatTheyRun() {
        List<List<Class<?>>> stacks = new ArrayList<>();
        SameDiff sd = trained();
        sd.setListeners(new GraphListener() {
            @Override
            public void preOpExecution(SameDiff graph, At at, SameDiffOp op, OpContext context) {
                if (op.getOp() instanceof BatchNormOp) {
                    stacks.add(StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                            .walk(frames -> frames.<Class<?>>map(StackWalker.StackFrame::getDeclaringClass)
                                    .takeWhile(type -> !type.equals(SameDiff.class))
                                    .filter(AbstractSession.class::isAssignableFrom)
                                    .distinct()
                                    .toList()));
                }
            }
        });
        INDArray x = placeholders().get("x");
        sd.output(placeholders(), "bn");
        sd.fit(new DataSet(x, x));
        assertEquals(
                List.of(
                        List.of(InferenceSession.class, AbstractSession.class),
                        List.of(InferenceSession.class, TrainingSession.class, AbstractSession.class)),
                stacks);
        assertTrue(
                Arrays.stream(InferenceSession.class.getDeclaredMethods())
                        .noneMatch(method -> method.getName().equals("output")),
                "AbstractSession alone has output: what lies above it on the stack belongs to one session");
    }

    /** NormalizeOp: SameDiff hands in zeros as gradients of the saved statistics, which no loss depends on. */
    @Test
    void outputsThatTheLossDoesNotNeedHaveZerosLikeForGradients() {
        SameDiff sd = trained();
        sd.calculateGradients(placeholders(), "bn/gamma");
        SameDiff gradients = sd.getFunction("grad");
        String saved = sd.getVariableOutputOp("bn").outputVariablesNames()[1];
        assertInstanceOf(ZerosLike.class, gradients.getVariableOutputOp(saved + "-grad"));
    }

    /** SDNorm.hide: a variable with a control dependency is not taken for a loss. */
    @Test
    void savedStatisticsAreNotTakenForLosses() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", placeholders().get("x"));
        new SDNorm(sd).layerNorm("y", x, null, null, 1e-3, 1);
        sd.createGradFunction("x");
        assertEquals(
                List.of("y"),
                sd.getLossVariables(),
                "SameDiff.createGradFunction looks for losses otherwise: see SDNorm.hide");
    }

    /** The guards of fused passes: ND4J checks workspaces unless it is told not to. */
    @Test
    void workspacesAreCheckedByDefault() {
        assertTrue(ProfilerConfig.builder().build().isCheckWorkspaces());
    }
}
