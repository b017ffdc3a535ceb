package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.spark.Networks.Type;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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
import org.nd4j.linalg.factory.Nd4j;

/** Networks with our layers on Spark in this JVM, compared with parameter averaging by hand. */
@NeedsSpark
class LocalSparkTest {
    private static final String JAVA = "org.apache.spark.serializer.JavaSerializer";
    private static final String KRYO = "org.apache.spark.serializer.KryoSerializer";
    private static final int FREQUENCY = 3;
    private static final int ROUNDS = 3;

    /** Of a channel of a batch: terms of the longest sums. */
    private static final int PIXELS = Networks.EXAMPLES * Networks.SIZE * Networks.SIZE;

    /** Operations that enter a result one after another, outside sums. */
    private static final int ROUNDINGS = 16;

    /** Runs with rounded parameters. */
    private static final int PROBES = 3;

    /** Makes a bound of a few samples. */
    private static final int DEVIATIONS = 8;

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
        assertIdentical(expected.params(), actual.params());
        assertIdentical(Networks.updaterState(expected), Networks.updaterState(actual));
    }

    @ParameterizedTest
    @EnumSource(Type.class)
    void fiveWorkersGiveItToRounding(Type type) throws IOException {
        List<DataSet> batches = Networks.batches(DataType.DOUBLE, 5 * FREQUENCY * ROUNDS);
        Model expected = Networks.create(type, DataType.DOUBLE);
        Averaging.train(expected, batches, 5, FREQUENCY);
        Model actual = Networks.create(type, DataType.DOUBLE);
        try (JavaSparkContext context = context(JAVA)) {
            SparkTraining.train(context, actual, batches, 5, FREQUENCY);
        }
        assertSensitive(type, batches, expected, actual);
    }

    /**
     * Sums of the workers in another order are another rounding of the averages. How far that goes the training itself
     * says, by hand, with parameters that were changed by δ of themselves at first.
     */
    private static void assertSensitive(Type type, List<DataSet> batches, Model expected, Model actual) {
        double delta = Math.scalb(ROUNDINGS + Math.sqrt(PIXELS), -53);
        double[] bounds = {
            delta * expected.params().amaxNumber().doubleValue(),
            delta * Networks.updaterState(expected).amaxNumber().doubleValue()
        };
        for (int probe = 0; probe < PROBES; probe++) {
            Model rounded = Networks.create(type, DataType.DOUBLE);
            double[] factors = new Random(probe)
                    .ints(rounded.params().length(), 0, 2)
                    .mapToDouble(sign -> sign == 0 ? 1 + delta : 1 - delta)
                    .toArray();
            rounded.params()
                    .muli(Nd4j.createFromArray(factors).reshape(rounded.params().shape()));
            Averaging.train(rounded, batches, 5, FREQUENCY);
            bounds[0] += DEVIATIONS * distance(expected.params(), rounded.params());
            bounds[1] += DEVIATIONS * distance(Networks.updaterState(expected), Networks.updaterState(rounded));
        }
        assertClose(expected.params(), actual.params(), bounds[0]);
        assertClose(Networks.updaterState(expected), Networks.updaterState(actual), bounds[1]);
    }

    private static double distance(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
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
        // Mean, variance and running average, with as many roundings as the sums have terms.
        double rounding = Math.scalb(ROUNDINGS + 3.0 * PIXELS, -53);
        assertEquals(mean, bottom.getParam("mean").getDouble(channel), rounding * Math.max(1, Math.abs(mean)));
        assertEquals(variance, bottom.getParam("var").getDouble(channel), rounding * Math.max(1, variance));
    }

    private static void assertIdentical(INDArray expected, INDArray actual) {
        assertEquals(expected.dataType(), actual.dataType());
        assertArrayEquals(expected.dup().data().asDouble(), actual.dup().data().asDouble());
    }

    private static void assertClose(INDArray expected, INDArray actual, double bound) {
        assertArrayEquals(expected.dup().data().asDouble(), actual.dup().data().asDouble(), bound);
    }
}
