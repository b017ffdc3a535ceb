package io.github.dl4jnorm.digits;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Data sets of digits that this program draws itself, so that it needs no download. */
public final class DigitImages {
    /** Number of classes. */
    public static final int CLASSES = 10;

    private DigitImages() {}

    /**
     * Draws training and test images; the same seed and counts give the same images.
     *
     * @param train number of training images
     * @param test number of test images
     * @param seed seed of both
     * @return images as rows of 784 values from 0 to 1, and one-hot labels; each digit equally often, give or take one
     */
    static DigitData draw(int train, int test, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new DigitData(draw(train, random.split()), draw(test, random.split()));
    }

    private static DataSet draw(int count, RandomGenerator random) {
        DigitPainter painter = new DigitPainter(random);
        float[][] images = new float[count][];
        float[][] labels = new float[count][CLASSES];
        int[] order = shuffled(count, random);
        for (int i = 0; i < count; i++) {
            int digit = order[i] % CLASSES;
            images[i] = painter.paint(digit);
            labels[i][digit] = 1;
        }
        INDArray features = Nd4j.createFromArray(images);
        return new DataSet(features, Nd4j.createFromArray(labels));
    }

    /**
     * The numbers from 0 in random order.
     *
     * @param count how many
     * @param random where chance comes from
     * @return a permutation
     */
    public static int[] shuffled(int count, RandomGenerator random) {
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
