package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.digits.DigitsCnn;
import io.github.dl4jnorm.digits.Norm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

@NeedsSpark
class DigitsOnSparkTest {
    private static final int BATCH = 3;

    @ParameterizedTest
    @CsvSource({
        // Fewer batches than a round has.
        "4, 4, 4",
        // A whole round, and a shorter one.
        "5, 2, 2",
        // What DL4J would count as one round, and drop the last three of.
        "7, 2, 2",
        "6, 3, 1"
    })
    void everyWorkerTakesTheStepsItIsDealt(int batches, int workers, int averaging) throws IOException {
        Deal deal = new Deal(batches, workers, averaging);
        Map<Integer, Integer> expected = new TreeMap<>();
        for (int worker = 0; worker < workers; worker++) {
            expected.put(worker, 2 * deal.perWorker()[worker]);
        }
        MultiLayerNetwork net = DigitsCnn.create(Norm.NONE, 0.002, 1).net();
        int count = batches * BATCH - 1;
        DataSet images = new DataSet(Nd4j.rand(DataType.FLOAT, count, 784), Nd4j.zeros(DataType.FLOAT, count, 10));
        SparkConf conf = new SparkConf().setAppName("test");
        StepCounter.STEPS.clear();
        try (JavaSparkContext context = new SparkConnection("local[2]", Duration.ZERO).open(conf)) {
            DigitsOnSpark training = new DigitsOnSpark(context, net, images, BATCH, deal, 1, new StepCounter());
            training.epoch();
            training.epoch();
        }
        assertEquals(expected, new TreeMap<>(StepCounter.STEPS));
        assertEquals(2, net.getEpochCount());
        int steps = 0;
        for (int left = batches; left > 0; left -= workers * averaging) {
            steps += Math.min(averaging, (left + workers - 1) / workers);
        }
        assertEquals(2 * steps, net.getIterationCount());
    }

    /** What the deal is there for: DL4J fills one worker after the other, and drops what is over after whole rounds. */
    @ParameterizedTest
    @CsvSource({"4, 4, 4, '{0=4}'", "7, 2, 2, '{0=2, 1=2}'"})
    void byItselfDl4jDealsOtherwise(int batches, int workers, int averaging, String steps) throws IOException {
        List<DataSet> data = Networks.batches(DataType.FLOAT, batches);
        SparkConf conf = new SparkConf().setAppName("test");
        StepCounter.STEPS.clear();
        try (JavaSparkContext context = new SparkConnection("local[2]", Duration.ZERO).open(conf)) {
            ParameterAveragingTrainingMaster master = new ParameterAveragingTrainingMaster.Builder(
                            workers, Networks.EXAMPLES)
                    .batchSizePerWorker(Networks.EXAMPLES)
                    .averagingFrequency(averaging)
                    .rddTrainingApproach(RDDTrainingApproach.Direct)
                    .trainingHooks(new StepCounter())
                    .build();
            new SparkDl4jMultiLayer(context, Networks.multiLayer(DataType.FLOAT), master)
                    .fit(context.parallelize(data, workers));
        }
        assertEquals(steps, new TreeMap<>(StepCounter.STEPS).toString());
    }
}
