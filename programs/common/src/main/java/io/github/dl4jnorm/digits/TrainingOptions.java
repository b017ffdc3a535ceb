package io.github.dl4jnorm.digits;

import io.github.dl4jnorm.cli.PositiveDouble;
import io.github.dl4jnorm.cli.PositiveInt;
import io.github.dl4jnorm.cli.UsageError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options that all programs have. */
public final class TrainingOptions {
    @Option(
            names = "--data",
            defaultValue = "digits",
            paramLabel = "SOURCE",
            description = "${COMPLETION-CANDIDATES}: drawn by the program, or downloaded by DL4J"
                    + " (default: ${DEFAULT-VALUE})")
    private DigitSource data;

    @Option(
            names = "--train",
            defaultValue = "4000",
            paramLabel = "N",
            converter = PositiveInt.class,
            description = "Number of training images (default: ${DEFAULT-VALUE})")
    private int train;

    @Option(
            names = "--test",
            defaultValue = "1000",
            paramLabel = "N",
            converter = PositiveInt.class,
            description = "Number of test images (default: ${DEFAULT-VALUE})")
    private int test;

    @Option(
            names = "--epochs",
            defaultValue = "6",
            paramLabel = "N",
            converter = PositiveInt.class,
            description = "Number of passes over the training images (default: ${DEFAULT-VALUE})")
    private int epochs;

    @Option(
            names = "--batch",
            defaultValue = "64",
            paramLabel = "N",
            converter = PositiveInt.class,
            description = "Images per training step (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--lr",
            defaultValue = "0.002",
            paramLabel = "RATE",
            converter = PositiveDouble.class,
            description = "Learning rate of Adam (default: ${DEFAULT-VALUE})")
    private double learningRate;

    @Option(
            names = "--seed",
            defaultValue = "1234",
            paramLabel = "N",
            description = "Seed of images, weights and batches (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--out",
            defaultValue = "target/digits",
            paramLabel = "DIR",
            description = "Directory of all results; made if it is missing (default: ${DEFAULT-VALUE})")
    private Path out;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help")
    private boolean help;

    /** Creates the options, for picocli to fill. */
    public TrainingOptions() {}

    /**
     * The number of training images.
     *
     * @return --train
     */
    public int train() {
        return train;
    }

    /**
     * The number of passes over the training images.
     *
     * @return --epochs
     */
    public int epochs() {
        return epochs;
    }

    /**
     * The number of images per training step.
     *
     * @return --batch
     */
    public int batch() {
        return batch;
    }

    /**
     * The learning rate of Adam.
     *
     * @return --lr
     */
    public double learningRate() {
        return learningRate;
    }

    /**
     * The seed of images, weights and batches.
     *
     * @return --seed
     */
    public long seed() {
        return seed;
    }

    /**
     * The directory of all results.
     *
     * @return --out
     */
    public Path out() {
        return out;
    }

    /**
     * The options in words.
     *
     * @return one line
     */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "%d training and %d test images (%s), batches of %d, Adam with learning rate %s, seed %d",
                train,
                test,
                data,
                batch,
                learningRate,
                seed);
    }

    /**
     * Looks whether the options can be right together.
     *
     * @throws UsageError if not
     */
    public void check() {
        data.require(train, test);
    }

    /**
     * Loads the images, and puts a picture of some into the output directory.
     *
     * @return the images
     * @throws UsageError if there are not as many as the options ask for
     * @throws IOException if the output directory cannot be written
     */
    public DigitData loadData() throws IOException {
        check();
        Files.createDirectories(out);
        DigitData images = data.load(train, test, seed);
        Path sheet = out.resolve("images.png");
        ContactSheet.write(images.train().getFeatures(), sheet);
        System.out.printf(
                Locale.ROOT,
                "Images     %d to train, %d to test; some are in %s%n",
                train,
                test,
                sheet.toAbsolutePath());
        return images;
    }
}
