package io.github.dl4jnorm.examples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What happened during a training. */
final class TrainingHistory {
    private final List<Epoch> epochs = new ArrayList<>();

    /**
     * One pass over the training images.
     *
     * @param losses loss of each step
     * @param stepNanos duration of each step
     * @param trainAccuracy accuracy on the training images after the epoch
     * @param testAccuracy accuracy on the test images after the epoch
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Epoch(double[] losses, long[] stepNanos, double trainAccuracy, double testAccuracy) {
        /**
         * The mean of the losses.
         *
         * @return Σ losses / number of steps
         */
        double meanLoss() {
            return Arrays.stream(losses).average().orElseThrow();
        }
    }

    /**
     * Appends an epoch.
     *
     * @param epoch the latest
     */
    void add(Epoch epoch) {
        epochs.add(epoch);
    }

    /**
     * The number of epochs.
     *
     * @return the number so far
     */
    int size() {
        return epochs.size();
    }

    /**
     * The latest epoch.
     *
     * @return the last one added
     */
    Epoch last() {
        return epochs.get(epochs.size() - 1);
    }

    /**
     * The losses of all steps.
     *
     * @return in order
     */
    double[] losses() {
        return epochs.stream().flatMapToDouble(e -> Arrays.stream(e.losses())).toArray();
    }

    /**
     * The accuracy on the training images.
     *
     * @return after each epoch
     */
    double[] trainAccuracies() {
        return epochs.stream().mapToDouble(Epoch::trainAccuracy).toArray();
    }

    /**
     * The accuracy on the test images.
     *
     * @return after each epoch
     */
    double[] testAccuracies() {
        return epochs.stream().mapToDouble(Epoch::testAccuracy).toArray();
    }

    /**
     * The median duration of a training step, which a slow first step does not distort.
     *
     * @return milliseconds
     */
    double millisPerStep() {
        long[] sorted = epochs.stream()
                .flatMapToLong(e -> Arrays.stream(e.stepNanos()))
                .sorted()
                .toArray();
        return sorted[sorted.length / 2] / 1e6;
    }
}
