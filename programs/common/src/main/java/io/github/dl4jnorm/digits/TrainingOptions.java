package io.github.dl4jnorm.digits;

import static io.github.dl4jnorm.cli.Program.DEFAULT;

import io.github.dl4jnorm.cli.UsageError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.nd4j.linalg.dataset.DataSet;
import picocli.CommandLine.Option;

/** The options of every program that trains a network, what it learns from, and where it leaves the results. */
public final class TrainingOptions {
    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            description = "${COMPLETION-CANDIDATES}: drawn by the program, or downloaded by DL4J" + DEFAULT)
    private DigitSource data = DigitSource.DIGITS;

    @Option(names = "--train", paramLabel = "N", description = "Number of training images" + DEFAULT)
    private int train = 4000;

    @Option(names = "--test", paramLabel = "N", description = "Number of test images" + DEFAULT)
    private int test = 1000;

    @Option(names = "--epochs", paramLabel = "N", description = "Number of passes over the training images" + DEFAULT)
    private int epochs = 6;

    @Option(names = "--batch", paramLabel = "N", description = "Images per training step" + DEFAULT)
    private int batch = 64;

    @Option(names = "--lr", paramLabel = "RATE", description = "Learning rate of Adam" + DEFAULT)
    private double learningRate = 0.002;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of images, weights and batches" + DEFAULT)
    private long seed = 1234;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Directory of all results; made if it is missing" + DEFAULT)
    private Path out = Path.of("target", "digits");

    /** Creates the options with their defaults, for picocli to fill in. */
    public TrainingOptions() {}

    /** {@return the number of training images} */
    public int train() {
        return train;
    }

    /** {@return the number of passes over the training images} */
    public int epochs() {
        return epochs;
    }

    /** {@return the number of images per training step} */
    public int batch() {
        return batch;
    }

    /** {@return the learning rate of Adam} */
    public double learningRate() {
        return learningRate;
    }

    /** {@return the seed of images, weights and batches} */
    public long seed() {
        return seed;
    }

    /** {@return the directory of all results} */
    public Path out() {
        return out;
    }

    /** {@return the options in words, one line} */
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

    /**
     * Saves a trained network in the output directory, loads it again, and says how accurate what was loaded is.
     *
     * @param classifier the network
     * @param name name of the file
     * @param images images to test with
     * @throws IOException if the file cannot be written or read
     */
    public void save(Classifier classifier, String name, DataSet images) throws IOException {
        Path file = out.resolve(name);
        double accuracy = classifier.saveAndReload(file.toFile(), images);
        System.out.printf(Locale.ROOT, "Model      %s%n", file.toAbsolutePath());
        System.out.printf(Locale.ROOT, "           loaded again: test accuracy %.4f, as before%n", accuracy);
    }
}
