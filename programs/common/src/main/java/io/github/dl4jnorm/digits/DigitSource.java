package io.github.dl4jnorm.digits;

import io.github.dl4jnorm.cli.Cli;
import io.github.dl4jnorm.cli.UsageError;
import io.github.dl4jnorm.cli.UserError;
import java.io.IOException;
import org.deeplearning4j.datasets.iterator.impl.MnistDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;

/** Where the images come from. */
enum DigitSource {
    /** Drawn by the program. */
    DIGITS {
        @Override
        void require(int train, int test) {}

        @Override
        DigitData load(int train, int test, long seed) {
            return DigitImages.draw(train, test, seed);
        }
    },

    /** The MNIST database, which DL4J downloads once and keeps under the home directory. */
    MNIST {
        @Override
        void require(int train, int test) {
            atMost(MNIST_TRAIN, "--train", train);
            atMost(MNIST_TEST, "--test", test);
        }

        @Override
        DigitData load(int train, int test, long seed) {
            return new DigitData(mnist(train, true, seed), mnist(test, false, seed));
        }
    };

    private static final int MNIST_TRAIN = 60_000;
    private static final int MNIST_TEST = 10_000;

    /**
     * Looks whether there are so many images.
     *
     * @param train number of training images
     * @param test number of test images
     * @throws UsageError if not
     */
    abstract void require(int train, int test);

    /**
     * Loads or makes the images.
     *
     * @param train number of training images
     * @param test number of test images
     * @param seed seed of the choice
     * @return the images
     * @throws UserError if they cannot be had
     */
    abstract DigitData load(int train, int test, long seed);

    @Override
    public String toString() {
        return Cli.optionName(this);
    }

    private static void atMost(int available, String option, int count) {
        if (count > available) {
            throw new UsageError(option + " " + count + " is more than the " + available + " images of MNIST");
        }
    }

    private static DataSet mnist(int count, boolean train, long seed) {
        try {
            return new MnistDataSetIterator(count, count, false, train, true, seed).next();
        } catch (IOException | RuntimeException e) {
            throw new UserError("Cannot load MNIST, which DL4J downloads from the network on first use (" + rootCause(e)
                    + "). Try --data digits, which needs no network.");
        }
    }

    private static String rootCause(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }
}
