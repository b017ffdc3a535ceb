package io.github.dl4jnorm.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What happened during a training. */
final class TrainingHistory {
    private final List<Epoch> epochs = new ArrayList<>();

    /**
     * One step of training.
     *
     * @param loss loss of the batch before the step
     * @param nanos duration in nanoseconds
     */
    record Step(double loss, long nanos) {}

    /**
     * One pass over the training images.
     *
     * @param steps its steps, at least one
     * @param trainAccuracy accuracy on the training images after the epoch
     * @param testAccuracy accuracy on the test images after the epoch
     */
    record Epoch(List<Step> steps, double trainAccuracy, double testAccuracy) {
        Epoch {
            steps = List.copyOf(steps);
        }

        /** {@return the mean of the losses of all steps} */
        double meanLoss() {
            return steps.stream().mapToDouble(Step::loss).average().orElseThrow();
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

    /** {@return the number of epochs so far} */
    int size() {
        return epochs.size();
    }

    /** {@return the latest epoch} */
    Epoch last() {
        return epochs.get(epochs.size() - 1);
    }

    /** {@return the losses of the steps of all epochs, in order} */
    List<Double> losses() {
        return steps().map(Step::loss).toList();
    }

    /** {@return the accuracy on the training images after each epoch} */
    List<Double> trainAccuracies() {
        return epochs.stream().map(Epoch::trainAccuracy).toList();
    }

    /** {@return the accuracy on the test images after each epoch} */
    List<Double> testAccuracies() {
        return epochs.stream().map(Epoch::testAccuracy).toList();
    }

    /**
     * The median duration of a training step, which a slow first step does not distort.
     *
     * @return milliseconds
     */
    double millisPerStep() {
        long[] sorted = steps().mapToLong(Step::nanos).sorted().toArray();
        return sorted[sorted.length / 2] / 1e6;
    }

    private Stream<Step> steps() {
        return epochs.stream().flatMap(epoch -> epoch.steps().stream());
    }
}
