package io.github.dl4jnorm.spark;

import io.github.dl4jnorm.examples.Cli;
import io.github.dl4jnorm.examples.DigitData;
import io.github.dl4jnorm.examples.DigitsCnn;
import io.github.dl4jnorm.examples.NetworkClassifier;
import io.github.dl4jnorm.examples.Norm;
import io.github.dl4jnorm.examples.TrainingOptions;
import io.github.dl4jnorm.examples.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.dataset.DataSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a convolutional network to read digits, on Apache Spark by parameter averaging. */
@Command(
        name = "TrainOnSpark",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = "Trains a convolutional network to read digits, on Apache Spark by parameter averaging.")
public final class TrainOnSpark implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = "--master",
            defaultValue = "local[2]",
            paramLabel = "URL",
            description = "local[N]: N threads of this JVM; spark://host:port: a standalone cluster"
                    + " (default: ${DEFAULT-VALUE})")
    private String master;

    @Option(
            names = "--workers",
            defaultValue = "2",
            paramLabel = "N",
            converter = Cli.PositiveInt.class,
            description = "Networks that are trained at the same time, one per core (default: ${DEFAULT-VALUE})")
    private int workers;

    @Option(
            names = "--averaging",
            defaultValue = "4",
            paramLabel = "N",
            converter = Cli.PositiveInt.class,
            description = "Steps of each network before they are averaged (default: ${DEFAULT-VALUE})")
    private int averaging;

    @Option(
            names = "--norm",
            defaultValue = "batch",
            paramLabel = "NORM",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Norm norm;

    @Mixin
    private TrainingOptions options;

    TrainOnSpark() {}

    /**
     * Runs the program.
     *
     * @param args options; see --help
     */
    public static void main(String[] args) {
        Cli.main(new TrainOnSpark(), args);
    }

    @Override
    public Integer call() throws IOException {
        SparkConf conf = new SparkConf()
                .setAppName("TrainOnSpark")
                // The vector kernels for executors too. Options that somebody gives them are added to these.
                .setIfMissing("spark.executor.defaultJavaOptions", "--add-modules=jdk.incubator.vector");
        try (JavaSparkContext context = new SparkConnection(master, PATIENCE).open(conf)) {
            System.out.printf("Spark      %s at %s%n", context.version(), master);
            DigitData data = options.loadData();
            NetworkClassifier classifier = DigitsCnn.create(norm, options.learningRate(), options.seed());
            train(context, classifier, data);
            Path file = options.out().resolve("spark-" + norm + ".zip");
            double accuracy = classifier.saveAndReload(file.toFile(), data.test());
            System.out.printf("Model      %s%n", file.toAbsolutePath());
            System.out.printf("           loaded again: test accuracy %.4f, as before%n", accuracy);
        }
        return 0;
    }

    private void train(JavaSparkContext context, NetworkClassifier classifier, DigitData data) {
        ParameterAveragingTrainingMaster trainer = new ParameterAveragingTrainingMaster.Builder(
                        workers, options.batch())
                .batchSizePerWorker(options.batch())
                .averagingFrequency(averaging)
                // Averages the updaters too; without it, which is the default, Adam starts anew after every averaging.
                .saveUpdater(true)
                // Without files that all executors can reach.
                .rddTrainingApproach(RDDTrainingApproach.Direct)
                .rngSeed(options.seed())
                .build();
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(context, classifier.net(), trainer);
        Broadcast<DataSet> images = context.broadcast(data.train());
        Random random = new Random(options.seed());
        System.out.println("  epoch      loss      test    seconds");
        for (int epoch = 1; epoch <= options.epochs(); epoch++) {
            long start = System.nanoTime();
            JavaRDD<DataSet> batches = batches(context, images, data.train().numExamples(), random);
            network.fit(batches);
            batches.unpersist();
            if (!Double.isFinite(network.getScore())) {
                throw new UserError("The loss became " + network.getScore() + ": try a smaller --lr");
            }
            System.out.printf(
                    "%7s %9.4f %9.4f %10.1f%n",
                    epoch + "/" + options.epochs(),
                    network.getScore(),
                    classifier.accuracy(data.test()),
                    (System.nanoTime() - start) / 1e9);
        }
    }

    /** Deals out all training images anew. They travel to each executor once; what an epoch sends are their numbers. */
    private JavaRDD<DataSet> batches(JavaSparkContext context, Broadcast<DataSet> images, int count, Random random) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(order, random);
        List<int[]> batches = new ArrayList<>();
        for (int start = 0; start < count; start += options.batch()) {
            List<Integer> batch = order.subList(start, Math.min(count, start + options.batch()));
            batches.add(batch.stream().mapToInt(Integer::intValue).toArray());
        }
        return context.parallelize(batches, workers).map(rows -> rows(images.value(), rows));
    }

    private static DataSet rows(DataSet images, int... rows) {
        return new DataSet(
                images.getFeatures().getRows(rows), images.getLabels().getRows(rows));
    }
}
