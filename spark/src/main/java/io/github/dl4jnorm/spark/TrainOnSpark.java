package io.github.dl4jnorm.spark;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.cli.Program;
import io.github.dl4jnorm.cli.UsageError;
import io.github.dl4jnorm.digits.DigitData;
import io.github.dl4jnorm.digits.DigitsCnn;
import io.github.dl4jnorm.digits.Divergence;
import io.github.dl4jnorm.digits.NetworkClassifier;
import io.github.dl4jnorm.digits.Norm;
import io.github.dl4jnorm.digits.TrainingOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a convolutional network to read digits, on Apache Spark by parameter averaging. */
@Command(
        name = "TrainOnSpark",
        description = "Trains a convolutional network to read digits, on Apache Spark by parameter averaging.")
public final class TrainOnSpark extends Program {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "local[N]: N threads of this JVM; spark://host:port: a standalone cluster" + DEFAULT)
    private String master = "local[2]";

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Networks that are trained at the same time, one per core" + DEFAULT)
    private int workers = 2;

    @Option(
            names = "--averaging",
            paramLabel = "N",
            description = "Steps of each network before they are averaged" + DEFAULT)
    private int averaging = 4;

    @Option(names = "--norm", paramLabel = "NORM", description = "${COMPLETION-CANDIDATES}" + DEFAULT)
    private Norm norm = Norm.BATCH;

    @Mixin
    private final TrainingOptions options = new TrainingOptions();

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
    protected void run() throws IOException {
        options.check();
        Deal deal = deal();
        SparkConf conf = new SparkConf()
                .setAppName("TrainOnSpark")
                // The vector kernels for executors too. Options that somebody gives them are added to these.
                .setIfMissing("spark.executor.defaultJavaOptions", "--add-modules=jdk.incubator.vector");
        try (JavaSparkContext context = new SparkConnection(master, PATIENCE).open(conf)) {
            System.out.printf(Locale.ROOT, "Spark      %s at %s%n", context.version(), master);
            DigitData data = options.loadData();
            NetworkClassifier classifier = DigitsCnn.create(norm, options.learningRate(), options.seed());
            System.out.println(
                    "Workers    " + workers + ", with so many batches per epoch: " + numbers(deal.perWorker()));
            train(
                    new DigitsOnSpark(context, classifier.net(), data.train(), options.batch(), deal, options.seed()),
                    classifier,
                    data);
            options.save(classifier, "spark-" + norm + ".zip", data.test());
        }
    }

    private void train(DigitsOnSpark training, NetworkClassifier classifier, DigitData data) {
        System.out.println("  epoch      loss      test    seconds");
        for (int epoch = 1; epoch <= options.epochs(); epoch++) {
            long start = System.nanoTime();
            double loss = training.epoch();
            double accuracy = classifier.accuracy(data.test());
            // Where outputs are NaN, so is the loss.
            Divergence.check(accuracy, training.steps());
            System.out.printf(
                    Locale.ROOT,
                    "%7s %9.4f %9.4f %10.1f%n",
                    epoch + "/" + options.epochs(),
                    loss,
                    accuracy,
                    (System.nanoTime() - start) / 1e9);
        }
    }

    private static String numbers(int... numbers) {
        return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }

    /** How batches are dealt; refused if there is a worker that none is left for. */
    private Deal deal() {
        int batches = (options.train() - 1) / options.batch() + 1;
        if (workers > batches) {
            throw new UsageError("--workers " + workers + ": an epoch has only " + batches
                    + (batches == 1 ? " batch" : " batches") + " for them (--train " + options.train() + ", --batch "
                    + options.batch() + "), so "
                    + (workers - batches)
                    + " would train on nothing; use fewer workers, smaller batches or more images");
        }
        return new Deal(batches, workers, averaging);
    }
}
