package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.rewrite.Fields;
import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.enums.DebugMode;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.profiler.ProfilerConfig;

/** What the layers hold on to, and where their arrays come from. */
class MemoryTest {
    private static final int NORM = 1;

    @AfterEach
    void everythingAsBefore() {
        Nd4j.getExecutioner().setProfilingConfig(ProfilerConfig.builder().build());
        Nd4j.getWorkspaceManager().setDebugMode(DebugMode.DISABLED);
    }

    record Case(Norm norm, Kind kind, Type type) {
        Model net() {
            return Networks.build(
                    type,
                    Networks.configuration(DataType.FLOAT).updater(new Adam(0.01)),
                    kind.inputType(),
                    norm.between(kind));
        }

        DataSet data(int seed) {
            return kind.data(DataType.FLOAT, Layout.C, Kind.EXAMPLES, seed);
        }
    }

    static Stream<Case> cases() {
        return Norm.DEFAULTS.stream()
                .flatMap(norm -> Stream.of(Kind.FEED_FORWARD, Kind.RNN_NCW, Kind.CNN_NCHW, Kind.CNN_NHWC)
                        .filter(norm::suits)
                        .flatMap(kind -> Arrays.stream(Type.values()).map(type -> new Case(norm, kind, type))));
    }

    /** DL4J calls {@code onForwardPass} between a step's forward and backward pass. */
    @ParameterizedTest
    @EnumSource(names = {"BATCH", "BATCH_RELU", "LAYER_ALL_AXES", "SUM_ALL_AXES"})
    void nothingOfTheSizeOfActivationsIsKeptForTheBackwardPass(Norm norm) {
        Case c = new Case(norm, Kind.CNN_NCHW, Type.MULTI_LAYER);
        Model net = c.net();
        AtomicInteger looks = new AtomicInteger();
        net.setListeners(new BaseTrainingListener() {
            @Override
            public void onForwardPass(Model model, List<INDArray> activations) {
                looks.incrementAndGet();
                assertSmall(Networks.layer(model, NORM));
            }
        });
        for (int i = 0; i < 10; i++) {
            Models.fit(net, c.data(i));
        }
        assertEquals(10, looks.get());
    }

    /**
     * Besides DL4J's input, a layer holds at most the statistics, of which there is one per channel or per
     * example, and its parameters and their gradients.
     */
    private static void assertSmall(Layer layer) {
        long groups = Math.max(Kind.CHANNELS, Kind.EXAMPLES);
        assertTrue(layer.input().length() > 3 * groups, "the activations are too small to tell");
        Fields.of(layer).forEach((name, value) -> {
            for (INDArray array : arrays(value)) {
                boolean small = array.length() <= Math.max(groups, layer.numParams());
                assertTrue(
                        small || array == layer.input(),
                        () -> name + " holds " + Arrays.toString(array.shape()) + " elements");
            }
        });
    }

    private static List<INDArray> arrays(Object value) {
        List<INDArray> arrays = new ArrayList<>();
        if (value instanceof INDArray array) {
            arrays.add(array);
        } else if (value instanceof GroupStatistics statistics) {
            Stream.of(statistics.center(), statistics.centerResidual(), statistics.measure(), statistics.scale())
                    .filter(Objects::nonNull)
                    .forEach(arrays::add);
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(element -> arrays.addAll(arrays(element)));
        } else if (value instanceof Iterable<?> elements) {
            elements.forEach(element -> arrays.addAll(arrays(element)));
        }
        return arrays;
    }

    /** With every allocation outside of the workspaces' memory, and arrays of closed workspaces poisonous. */
    @ParameterizedTest
    @MethodSource("cases")
    void workspacesAreUsedAsTheyShould(Case c) {
        Model plain = c.net();
        train(c, plain);
        INDArray expected = Networks.output(plain, c.data(9).getFeatures());

        Nd4j.getWorkspaceManager().setDebugMode(DebugMode.SPILL_EVERYTHING);
        // What ND4J calls scope panic.
        Nd4j.getExecutioner()
                .setProfilingConfig(
                        ProfilerConfig.builder().checkWorkspaces(true).build());
        Model watched = c.net();
        train(c, watched);
        NDArrays.assertIdentical(plain.params(), watched.params());
        NDArrays.assertIdentical(expected, Networks.output(watched, c.data(9).getFeatures()));
    }

    private static void train(Case c, Model net) {
        for (int i = 0; i < 4; i++) {
            Models.fit(net, c.data(i));
            Networks.score(net, c.data(i), true);
            Networks.score(net, c.data(i), false);
            Networks.activations(net, c.data(i).getFeatures(), NORM, true);
        }
    }

    /** What is held once the garbage is collected: buffers of ND4J, bytes of JavaCPP, bytes of the heap. */
    private record Held(int buffers, long offHeap, long heap) {
        static Held now() throws ReflectiveOperationException, InterruptedException {
            int buffers = liveBuffers();
            Runtime runtime = Runtime.getRuntime();
            return new Held(buffers, Pointer.totalBytes(), runtime.totalMemory() - runtime.freeMemory());
        }
    }

    /**
     * Buffers outside of workspaces are freed when their arrays are garbage: no iteration may leave one reachable, nor
     * anything else. An array left by each, of whatever size, would be a megabyte of heap and more.
     */
    @Test
    void aLongTrainingHoldsItsMemory() throws ReflectiveOperationException, InterruptedException {
        Kind kind = Kind.FEED_FORWARD;
        Model net = Networks.multiLayer(
                Networks.configuration(DataType.FLOAT),
                kind.inputType(),
                List.of(
                        Norm.BATCH.on(kind),
                        kind.hidden(),
                        Norm.BATCH_RELU.on(kind),
                        kind.hidden(),
                        Norm.LAYER.on(kind),
                        kind.hidden(),
                        Norm.SUM.on(kind),
                        kind.output()));
        DataSet data = kind.data(DataType.FLOAT, Layout.C, Kind.EXAMPLES, 1);
        // What the JVM and ND4J make once and keep.
        for (int i = 0; i < 2000; i++) {
            Models.fit(net, data);
        }
        Held before = Held.now();
        for (int i = 0; i < 10_000; i++) {
            Models.fit(net, data);
            if (i % 1000 == 0) {
                // Else ND4J has a million buffers to free in the end, and takes its time.
                liveBuffers();
            }
        }
        Held after = Held.now();
        String change = "memory went from " + before + " to " + after;
        assertTrue(after.buffers <= before.buffers + 20, change);
        assertTrue(after.offHeap <= before.offHeap + 100_000, change);
        assertTrue(after.heap <= before.heap + 1_000_000, change);
    }

    /** The number of buffers that ND4J has yet to free, once the garbage is collected; ND4J does not tell otherwise. */
    private static int liveBuffers() throws ReflectiveOperationException, InterruptedException {
        Object service = Nd4j.getDeallocatorService();
        Field field = service.getClass().getDeclaredField("referenceMap");
        field.setAccessible(true);
        Map<?, ?> references = (Map<?, ?>) field.get(service);
        int last = Integer.MAX_VALUE;
        for (int quiet = 0; quiet < 10; ) {
            System.gc();
            Thread.sleep(50);
            int now = references.size();
            quiet = now < last ? 0 : quiet + 1;
            last = Math.min(last, now);
        }
        return last;
    }
}
