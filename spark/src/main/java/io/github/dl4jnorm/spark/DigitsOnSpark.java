package io.github.dl4jnorm.spark;

import io.github.dl4jnorm.digits.Divergence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.dataset.DataSet;

/** A training on Spark, epoch by epoch, in which every worker gets what the {@link Deal} says. */
final class DigitsOnSpark {
    private final JavaSparkContext context;
    private final Broadcast<DataSet> images;
    private final int count;
    private final int batchSize;
    private final Deal deal;
    private final Random random;
    private final SparkDl4jMultiLayer network;
    private int epochs;

    /**
     * Sets up a training.
     *
     * @param context the connection
     * @param net the network, which is trained
     * @param images images and labels; they travel to each executor once
     * @param batchSize images per step
     * @param deal how batches are dealt
     * @param seed seed of the order of the images
     * @param hooks called by the workers
     */
    DigitsOnSpark(
            JavaSparkContext context,
            MultiLayerNetwork net,
            DataSet images,
            int batchSize,
            Deal deal,
            long seed,
            TrainingHook... hooks) {
        this.context = context;
        this.images = context.broadcast(images);
        this.count = images.numExamples();
        this.batchSize = batchSize;
        this.deal = deal;
        this.random = new Random(seed);
        this.epochs = net.getEpochCount();
        network = new SparkDl4jMultiLayer(
                context,
                net,
                new ParameterAveragingTrainingMaster.Builder(deal.workers(), batchSize)
                        .batchSizePerWorker(batchSize)
                        .averagingFrequency(deal.averaging())
                        // Averages the updaters too; without it, which is the default, Adam starts anew every time.
                        .saveUpdater(true)
                        // Without files that all executors can reach.
                        .rddTrainingApproach(RDDTrainingApproach.Direct)
                        // Batches stay with the workers that they were dealt to.
                        .repartionData(Repartition.Never)
                        .trainingHooks(hooks)
                        .build());
    }

    /**
     * Trains on all images once, in a new order.
     *
     * @return the mean loss of the workers' last steps
     * @throws io.github.dl4jnorm.cli.UserError if the loss is no longer a number
     */
    double epoch() {
        MultiLayerNetwork net = network.getNetwork();
        Broadcast<DataSet> all = images;
        for (List<int[]> round : deal.rounds(shuffled())) {
            int steps = net.getIterationCount() + deal.steps(round.size());
            JavaRDD<DataSet> batches =
                    context.parallelize(round, deal.workers()).map(rows -> rows(all.value(), rows));
            network.fit(batches);
            batches.unpersist();
            // DL4J counts a full round, however short, and each as an epoch.
            net.setIterationCount(steps);
            net.setEpochCount(epochs);
            Divergence.check(network.getScore(), steps);
        }
        epochs++;
        net.setEpochCount(epochs);
        return network.getScore();
    }

    /**
     * Steps that each worker has made, or the one that made most.
     *
     * @return their number since the network was new
     */
    int steps() {
        return network.getNetwork().getIterationCount();
    }

    /** Deals out all images anew. What an epoch sends are their numbers. */
    private List<int[]> shuffled() {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(order, random);
        List<int[]> batches = new ArrayList<>();
        for (int start = 0; start < count; start += batchSize) {
            List<Integer> batch = order.subList(start, Math.min(count, start + batchSize));
            batches.add(batch.stream().mapToInt(Integer::intValue).toArray());
        }
        return batches;
    }

    private static DataSet rows(DataSet images, int... rows) {
        return new DataSet(
                images.getFeatures().getRows(rows), images.getLabels().getRows(rows));
    }
}
