package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.cli.Terminal;
import io.github.dl4jnorm.digits.Classifier;
import io.github.dl4jnorm.digits.DigitData;
import io.github.dl4jnorm.digits.DigitImages;
import io.github.dl4jnorm.digits.Divergence;
import io.github.dl4jnorm.digits.TrainingOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Trains a classifier epoch by epoch, with a progress bar for the current epoch and a line for each finished one.
 *
 * @param data images
 * @param epochs number of passes over the training images
 * @param batchSize images per step
 * @param seed seed of the order of the images, new in every epoch
 */
record Training(DigitData data, int epochs, int batchSize, long seed) {
    /**
     * A training with the options of a command line.
     *
     * @param options number of epochs, images per step, seed
     * @param data images
     * @return the training, not begun
     */
    static Training of(TrainingOptions options, DigitData data) {
        return new Training(data, options.epochs(), options.batch(), options.seed());
    }

    /**
     * Trains a network, saves it, checks what was saved, and draws a chart.
     *
     * @param options the options of the command line
     * @param classifier the network
     * @param data images
     * @param model name of the model file
     * @param title title of the chart
     * @throws IOException if the output directory cannot be written
     */
    static void run(TrainingOptions options, Classifier classifier, DigitData data, String model, String title)
            throws IOException {
        TrainingHistory history = of(options, data).run(classifier);
        options.save(classifier, model, data.test());
        String chart = model.substring(0, model.lastIndexOf('.')) + ".png";
        Charts.of(title, options.summary(), history).write(options.out().resolve(chart));
    }

    /**
     * Trains.
     *
     * @param classifier the network
     * @return what happened
     * @throws io.github.dl4jnorm.cli.UserError if the loss is no longer a number
     */
    TrainingHistory run(Classifier classifier) {
        Random random = new Random(seed);
        TrainingHistory history = new TrainingHistory();
        System.out.println("  epoch      loss     train      test    seconds");
        for (int epoch = 1; epoch <= epochs; epoch++) {
            long start = System.nanoTime();
            TrainingHistory.Epoch result = epoch(classifier, epoch, random);
            history.add(result);
            System.out.printf(
                    Locale.ROOT,
                    "%7s %9.4f %9.4f %9.4f %10.1f%n",
                    epoch + "/" + epochs,
                    result.meanLoss(),
                    result.trainAccuracy(),
                    result.testAccuracy(),
                    (System.nanoTime() - start) / 1e9);
        }
        return history;
    }

    private TrainingHistory.Epoch epoch(Classifier classifier, int epoch, Random random) {
        List<DataSet> batches = batches(random);
        int stepsBefore = (epoch - 1) * batches.size();
        List<TrainingHistory.Step> steps = new ArrayList<>();
        try (Progress progress = Progress.of("  epoch " + epoch, batches.size(), System.out, Terminal.isThere())) {
            for (DataSet batch : batches) {
                long start = System.nanoTime();
                double loss = classifier.fit(batch);
                long nanos = System.nanoTime() - start;
                Divergence.check(loss, stepsBefore + steps.size());
                steps.add(new TrainingHistory.Step(loss, nanos));
                progress.step(loss);
            }
            progress.testing();
            double train = classifier.accuracy(data.train());
            double test = classifier.accuracy(data.test());
            // Where outputs are NaN, so is the loss.
            Divergence.check(train + test, stepsBefore + steps.size());
            return new TrainingHistory.Epoch(steps, train, test);
        }
    }

    /** All training images in batches, in random order; the last batch may be smaller. */
    private List<DataSet> batches(Random random) {
        INDArray images = data.train().getFeatures();
        INDArray labels = data.train().getLabels();
        int[] order = DigitImages.shuffled(images.rows(), random);
        List<DataSet> batches = new ArrayList<>();
        for (int start = 0; start < order.length; start += batchSize) {
            int[] rows = Arrays.copyOfRange(order, start, Math.min(order.length, start + batchSize));
            batches.add(new DataSet(images.getRows(rows), labels.getRows(rows)));
        }
        return batches;
    }
}
