package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spark.Networks.Type;
import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Tolerances;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Networks with our layers on Spark in this JVM, compared with parameter averaging by hand. */
@NeedsSpark
class LocalSparkTest {
    private static final String JAVA = "org.apache.spark.serializer.JavaSerializer";
    private static final String KRYO = "org.apache.spark.serializer.KryoSerializer";
    private static final int FREQUENCY = 3;
    private static final int ROUNDS = 3;

    /** Of a channel of a batch: terms of the longest sums. */
    private static final int PIXELS = Networks.EXAMPLES * Networks.SIZE * Networks.SIZE;

    private static JavaSparkContext context(String serializer) throws IOException {
        SparkConf conf = new SparkConf()
                .setAppName("test")
                .set("spark.serializer", serializer)
                .set("spark.kryo.registrator", "org.nd4j.kryo.Nd4jRegistrator");
        return new SparkConnection("local[2]", Duration.ZERO).open(conf);
    }

    /** The sum of two numbers is the same in either order, so two workers leave no room for rounding. */
    @ParameterizedTest
    @CsvSource({
        "MULTI_LAYER, DOUBLE, " + JAVA,
        "MULTI_LAYER, FLOAT, " + JAVA,
        "GRAPH, DOUBLE, " + JAVA,
        "GRAPH, FLOAT, " + JAVA,
        "MULTI_LAYER, FLOAT, " + KRYO,
        "GRAPH, FLOAT, " + KRYO
    })
    void twoWorkersGiveTheBitsOfAveragingByHand(Type type, DataType dataType, String serializer) throws IOException {
        List<DataSet> batches = Networks.batches(dataType, 2 * FREQUENCY * ROUNDS);
        Model expected = Networks.create(type, dataType);
        Averaging.train(expected, batches, 2, FREQUENCY);
        Model actual = Networks.create(type, dataType);
        try (JavaSparkContext context = context(serializer)) {
            SparkTraining.train(context, actual, batches, 2, FREQUENCY);
        }
        Networks.assertIdentical(expected, actual);
    }

    /** Sums of the workers in another order are another rounding of the averages. */
    @ParameterizedTest
    @EnumSource(Type.class)
    void fiveWorkersGiveItToRounding(Type type) throws IOException {
        List<DataSet> batches = Networks.batches(DataType.DOUBLE, 5 * FREQUENCY * ROUNDS);
        Sensitivity byHand = Sensitivity.of(DataType.DOUBLE, PIXELS, rounding -> {
            Model net = Networks.create(type, DataType.DOUBLE);
            rounding.in(net.params());
            Averaging.train(net, batches, 5, FREQUENCY);
            return state(net);
        });
        Model actual = Networks.create(type, DataType.DOUBLE);
        try (JavaSparkContext context = context(JAVA)) {
            SparkTraining.train(context, actual, batches, 5, FREQUENCY);
        }
        byHand.assertClose(state(actual));
    }

    private static Map<String, INDArray> state(Model net) {
        return Map.of("parameters", net.params(), "updater", Networks.updaterState(net));
    }

    /** What the averages of the workers' statistics are, from the images alone. */
    @ParameterizedTest
    @ValueSource(ints = {1, FREQUENCY})
    void runningStatisticsAreTheMeanOfTheWorkers(int frequency) throws IOException {
        int workers = 2;
        List<DataSet> batches = Networks.batches(DataType.DOUBLE, workers * frequency * ROUNDS);
        Model net = Networks.create(Type.MULTI_LAYER, DataType.DOUBLE);
        try (JavaSparkContext context = context(JAVA)) {
            SparkTraining.train(context, net, batches, workers, frequency);
        }
        for (int channel = 0; channel < Networks.CHANNELS; channel++) {
            double mean = 0;
            double variance = 1;
            for (List<DataSet> round : Averaging.parts(batches, workers * frequency)) {
                double sumOfMeans = 0;
                double sumOfVariances = 0;
                for (List<DataSet> part : Averaging.parts(round, frequency)) {
                    double ownMean = mean;
                    double ownVariance = variance;
                    for (DataSet batch : part) {
                        double[] pixels = pixels(List.of(batch), channel);
                        ownMean = step(ownMean, mean(pixels));
                        ownVariance = step(ownVariance, variance(pixels));
                    }
                    sumOfMeans += ownMean;
                    sumOfVariances += ownVariance;
                }
                mean = sumOfMeans / workers;
                variance = sumOfVariances / workers;
            }
            assertStatistics(mean, variance, net, channel);
        }
    }

    /**
     * One machine that takes the batches of all workers at once has the same mean; its variance is larger by that of
     * the workers' means, which no worker can see.
     */
    @ParameterizedTest
    @EnumSource(Type.class)
    void runningStatisticsNextToThoseOfOneMachine(Type type) throws IOException {
        int workers = 2;
        List<DataSet> batches = Networks.batches(DataType.DOUBLE, workers * ROUNDS);
        Model distributed = Networks.create(type, DataType.DOUBLE);
        try (JavaSparkContext context = context(JAVA)) {
            SparkTraining.train(context, distributed, batches, workers, 1);
        }
        Model alone = Networks.create(type, DataType.DOUBLE);
        double[] between = new double[Networks.CHANNELS];
        for (List<DataSet> round : Averaging.parts(batches, workers)) {
            Networks.fit(alone, DataSet.merge(round));
            for (int channel = 0; channel < between.length; channel++) {
                int c = channel;
                double[] means = round.stream()
                        .mapToDouble(batch -> mean(pixels(List.of(batch), c)))
                        .toArray();
                between[c] = step(between[c], variance(means));
            }
        }
        Layer bottom = Networks.bottom(alone);
        for (int channel = 0; channel < between.length; channel++) {
            assertStatistics(
                    bottom.getParam("mean").getDouble(channel),
                    bottom.getParam("var").getDouble(channel) - between[channel],
                    distributed,
                    channel);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {JAVA, KRYO})
    void evaluationIsThatOfOneMachine(String serializer) throws IOException {
        List<DataSet> batches = Networks.batches(DataType.FLOAT, 8);
        MultiLayerNetwork net = Networks.multiLayer(DataType.FLOAT);
        batches.forEach(net::fit);
        try (JavaSparkContext context = context(serializer)) {
            JavaRDD<DataSet> data = context.parallelize(batches, 4);
            SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(context, net, null);
            assertEquals(
                    net.evaluate(new ListDataSetIterator<>(batches, Networks.EXAMPLES))
                            .getConfusionMatrix()
                            .toCSV(),
                    onSpark.evaluate(data).getConfusionMatrix().toCSV());
        }
    }

    private static double step(double running, double batch) {
        return Networks.DECAY * running + (1 - Networks.DECAY) * batch;
    }

    private static double[] pixels(List<DataSet> batches, int channel) {
        List<Double> pixels = new ArrayList<>();
        int plane = Networks.SIZE * Networks.SIZE;
        for (DataSet batch : batches) {
            double[] all = batch.getFeatures().data().asDouble();
            IntStream.range(0, all.length)
                    .filter(i -> i / plane % Networks.CHANNELS == channel)
                    .forEach(i -> pixels.add(all[i]));
        }
        return pixels.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double mean(double... values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double variance(double... values) {
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    }

    private static void assertStatistics(double mean, double variance, Model net, int channel) {
        Layer bottom = Networks.bottom(net);
        assertEquals(mean, bottom.getParam("mean").getDouble(channel), bound(mean));
        assertEquals(variance, bottom.getParam("var").getDouble(channel), bound(variance));
    }

    private static double bound(double statistic) {
        return Tolerances.bound(DataType.DOUBLE, PIXELS, statistic, Math.max(1, Math.abs(statistic)));
    }
}
