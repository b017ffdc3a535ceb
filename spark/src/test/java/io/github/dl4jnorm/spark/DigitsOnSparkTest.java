package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;

@NeedsSpark
class DigitsOnSparkTest {
    /** By themselves, DL4J and Spark give the one batch after the other to the first worker, or leave some out. */
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
        MultiLayerNetwork net = Networks.multiLayer(DataType.FLOAT);
        DataSet images = DataSet.merge(Networks.batches(DataType.FLOAT, batches));
        SparkConf conf = new SparkConf().setAppName("test");
        StepCounter.STEPS.clear();
        try (JavaSparkContext context = new SparkConnection("local[2]", Duration.ZERO).open(conf)) {
            DigitsOnSpark training =
                    new DigitsOnSpark(context, net, images, Networks.EXAMPLES, deal, 1, new StepCounter());
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
}
