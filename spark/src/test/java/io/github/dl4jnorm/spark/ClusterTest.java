package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spark.Networks.Type;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Networks with our layers on a cluster of several JVMs, compared with parameter averaging by hand, bit by bit. */
@NeedsSpark
@Timeout(300)
class ClusterTest {
    private static final int WORKERS = 2;
    private static final int FREQUENCY = 3;
    private static final int ROUNDS = 3;

    @TempDir
    private static Path home;

    private static StandaloneCluster cluster;
    private static JavaSparkContext context;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        cluster = new StandaloneCluster(home, WORKERS);
        SparkConf conf = new SparkConf()
                .setAppName("test")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.executor.memory", "1g")
                .set(
                        "spark.executor.extraJavaOptions",
                        "-Dorg.bytedeco.javacpp.maxbytes=1g -Dorg.bytedeco.javacpp.maxphysicalbytes=3g -Djava.io.tmpdir="
                                + cluster.temporary() + kernelsOfThisJvm())
                .set("spark.executorEnv.OMP_NUM_THREADS", "1");
        context = new SparkConnection(cluster.master(), Duration.ofSeconds(120)).open(conf);
    }

    /** Executors get the bits of this JVM only with the same kernels. */
    private static String kernelsOfThisJvm() {
        boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return vector ? " --add-modules=jdk.incubator.vector" : "";
    }

    @AfterAll
    static void stop() {
        try {
            if (context != null) {
                context.close();
            }
        } finally {
            if (cluster != null) {
                cluster.close();
            }
        }
    }

    private static List<DataSet> batches() {
        return Networks.batches(DataType.FLOAT, WORKERS * FREQUENCY * ROUNDS);
    }

    private static Model trainedByHand(Type type) {
        Model net = Networks.create(type, DataType.FLOAT);
        Averaging.train(net, batches(), WORKERS, FREQUENCY);
        return net;
    }

    @ParameterizedTest
    @EnumSource(Type.class)
    void executorsGiveTheBitsOfAveragingByHand(Type type) {
        List<Long> processes = context.parallelize(List.of(0, 1), WORKERS)
                .map(i -> ProcessHandle.current().pid())
                .collect();
        assertFalse(processes.contains(ProcessHandle.current().pid()));
        Model actual = Networks.create(type, DataType.FLOAT);
        SparkTraining.train(context, actual, batches(), WORKERS, FREQUENCY);
        Networks.assertIdentical(trainedByHand(type), actual);
    }

    /** A task in the middle of the second round loses its JVM: the executor alone, or with it the worker it belongs to. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aKilledJvmChangesNothing(boolean worker)
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        Stall stall = new Stall(folder, FREQUENCY + 1);
        Model actual = Networks.create(Type.MULTI_LAYER, DataType.FLOAT);
        CompletableFuture<Void> training = CompletableFuture.runAsync(
                () -> SparkTraining.train(context, actual, batches(), WORKERS, FREQUENCY, stall));
        ProcessHandle executor = stall.await(training);
        assertFalse(training.isDone());
        assertNotEquals(ProcessHandle.current(), executor);
        if (worker) {
            StandaloneCluster.kill(executor.parent().orElseThrow());
        }
        StandaloneCluster.kill(executor);
        training.get(120, TimeUnit.SECONDS);
        Networks.assertIdentical(trainedByHand(Type.MULTI_LAYER), actual);
        if (worker) {
            cluster.addWorker();
        }
    }

    @Test
    void theNetworkRunsInAnotherJvmWithoutSpark() throws IOException, InterruptedException {
        MultiLayerNetwork net = Networks.multiLayer(DataType.FLOAT);
        SparkTraining.train(context, net, batches(), WORKERS, FREQUENCY);
        File model = folder.resolve("net.zip").toFile();
        File input = folder.resolve("input").toFile();
        File output = folder.resolve("output").toFile();
        INDArray images = batches().get(0).getFeatures();
        net.save(model, false);
        Nd4j.saveBinary(images, input);

        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> !entry.contains("spark-") && !entry.contains("spark_"))
                        .collect(Collectors.joining(File.pathSeparator)),
                PlainEvaluation.class.getName()));
        command.addAll(List.of(model.toString(), input.toString(), output.toString()));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(log));
        Networks.assertIdentical(net.output(images), Nd4j.readBinary(output));
    }
}
