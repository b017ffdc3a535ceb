package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;

import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Sensitivity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.parallelism.ParallelInference;
import org.deeplearning4j.parallelism.inference.InferenceMode;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** DL4J's ParallelInference, asked by sixteen threads at once, answers what the network does when asked alone. */
@Timeout(120)
class ParallelInferenceTest {
    private static final int THREADS = 16;
    private static final int MODELS = 2;

    /**
     * Few: in batched mode, a caller that joins a batch registers for the answer after it has let go of the batch, and
     * waits for ever if the answer is faster.
     */
    private static final int REQUESTS = 5;

    /** Of the answer that was served with that of the network alone. */
    private interface Comparison {
        void compare(Model net, INDArray features, INDArray expected, INDArray actual);
    }

    record Case(InferenceMode mode, Type type, Norm norm) {}

    static Stream<Case> cases() {
        return Arrays.stream(InferenceMode.values())
                .flatMap(mode -> Arrays.stream(Type.values()).flatMap(type -> Norm.DEFAULTS.stream()
                        .filter(norm -> norm.suits(Kind.FEED_FORWARD))
                        .map(norm -> new Case(mode, type, norm))));
    }

    /** Without layers that multiply matrices: rows of a batch have the same bits whatever other rows are with them. */
    @ParameterizedTest
    @MethodSource("cases")
    void normsGiveTheBitsOfOneThread(Case c) throws Exception {
        Kind kind = Kind.FEED_FORWARD;
        Layer end = new ActivationLayer(Activation.IDENTITY);
        List<Layer> layers = List.of(c.norm().on(kind), Norm.LAYER.on(kind), Norm.BATCH_RELU.on(kind), end);
        assertSameAnswers(
                c, kind, layers, (net, features, expected, actual) -> NDArrays.assertIdentical(expected, actual));
    }

    /** What batched mode relies on, whichever requests it happens to merge. */
    @ParameterizedTest
    @EnumSource(names = {"BATCH", "LAYER", "SUM", "BATCH_RELU", "LAYER_RELU"})
    void rowsHaveTheSameBitsInEveryBatch(Norm norm) {
        Kind kind = Kind.CNN_NCHW;
        List<Layer> layers = List.of(norm.on(kind), Norm.BATCH.on(kind), new ActivationLayer(Activation.IDENTITY));
        Model net = Networks.build(Type.MULTI_LAYER, Networks.configuration(DataType.FLOAT), kind.inputType(), layers);
        Networks.perturbParameters(net);
        INDArray features =
                kind.data(DataType.FLOAT, Layout.C, THREADS * REQUESTS, 1).getFeatures();
        INDArray together = Networks.output(net, features);
        for (int row = 0; row < features.size(0); row++) {
            INDArray alone = Networks.output(net, row(features, row));
            NDArrays.assertIdentical(row(together, row), alone);
        }
    }

    /** In batched mode, BLAS may add up in another order in a batch of another size; else nothing differs. */
    @ParameterizedTest
    @MethodSource("cases")
    void convolutionalNetworksGiveTheBitsOfOneThread(Case c) throws Exception {
        Kind kind = Kind.CNN_NCHW;
        List<Layer> layers = List.of(
                kind.hidden(), c.norm().on(kind), kind.hidden(), c.norm().on(kind), kind.output());
        assertSameAnswers(
                c,
                kind,
                layers,
                c.mode() == InferenceMode.BATCHED
                        ? (net, features, expected, actual) -> assertRounded(net, features, actual)
                        : (net, features, expected, actual) -> NDArrays.assertIdentical(expected, actual));
    }

    private static void assertSameAnswers(Case c, Kind kind, List<Layer> layers, Comparison comparison)
            throws Exception {
        Model net = Networks.build(c.type(), Networks.configuration(DataType.FLOAT), kind.inputType(), layers);
        Networks.perturbParameters(net);
        List<List<INDArray>> questions = new ArrayList<>();
        List<List<INDArray>> answers = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            List<INDArray> ofThread = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                int rows = 1 + (thread + i) % 3;
                ofThread.add(kind.data(DataType.FLOAT, Layout.C, rows, 100L * thread + i)
                        .getFeatures());
            }
            questions.add(ofThread);
            answers.add(ofThread.stream()
                    .map(features -> Networks.output(net, features))
                    .toList());
        }

        ParallelInference server = new ParallelInference.Builder(net)
                .inferenceMode(c.mode())
                .workers(MODELS)
                .build();
        try {
            List<List<INDArray>> served = ask(server, questions);
            assertEquals(THREADS, served.size());
            for (int thread = 0; thread < THREADS; thread++) {
                for (int i = 0; i < REQUESTS; i++) {
                    comparison.compare(
                            net,
                            questions.get(thread).get(i),
                            answers.get(thread).get(i),
                            served.get(thread).get(i));
                }
            }
        } finally {
            server.shutdown();
        }
    }

    private static void assertRounded(Model net, INDArray features, INDArray actual) {
        String output = "output";
        Sensitivity.of(
                        DataType.FLOAT,
                        Sensitivity.longestSum(net.paramTable().values()),
                        rounding -> Models.withRoundedState(
                                net,
                                rounding,
                                () -> Map.of(
                                        output,
                                        Networks.output(net, rounding.of(features))
                                                .dup())))
                .assertClose(Map.of(output, actual));
    }

    private static INDArray row(INDArray array, int row) {
        return array.get(NDArrayIndex.interval(row, row + 1), all(), all(), all());
    }

    private static List<List<INDArray>> ask(ParallelInference server, List<List<INDArray>> questions) throws Exception {
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Callable<List<INDArray>>> tasks = new ArrayList<>();
        for (List<INDArray> ofThread : questions) {
            tasks.add(() -> {
                List<INDArray> answers = new ArrayList<>();
                together.await();
                for (INDArray features : ofThread) {
                    answers.add(server.output(features));
                }
                return answers;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<List<INDArray>> answers = new ArrayList<>();
            for (Future<List<INDArray>> done : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                answers.add(done.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }
}
