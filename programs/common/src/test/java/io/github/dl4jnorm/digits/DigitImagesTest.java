package io.github.dl4jnorm.digits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class DigitImagesTest {
    private final DigitData data = DigitImages.draw(200, 50, 1);

    @Test
    void sameSeedSameImages() {
        assertEquals(data, DigitImages.draw(200, 50, 1));
    }

    @Test
    void otherSeedOtherImages() {
        DigitData other = DigitImages.draw(200, 50, 2);
        assertNotEquals(data.train().getFeatures(), other.train().getFeatures());
        assertNotEquals(data.test().getFeatures(), other.test().getFeatures());
    }

    @Test
    void noImageTwice() {
        float[][] train = data.train().getFeatures().toFloatMatrix();
        float[][] test = data.test().getFeatures().toFloatMatrix();
        long different = IntStream.concat(
                        Arrays.stream(train).mapToInt(Arrays::hashCode),
                        Arrays.stream(test).mapToInt(Arrays::hashCode))
                .distinct()
                .count();
        assertEquals(250, different);
    }

    @Test
    void shapesAndRanges() {
        assertArrayEquals(new long[] {200, 784}, data.train().getFeatures().shape());
        assertArrayEquals(new long[] {200, 10}, data.train().getLabels().shape());
        assertArrayEquals(new long[] {50, 784}, data.test().getFeatures().shape());
        INDArray images = data.train().getFeatures();
        assertTrue(images.minNumber().doubleValue() >= 0);
        assertTrue(images.maxNumber().doubleValue() <= 1);
    }

    @Test
    void everyDigitEquallyOften() {
        for (DataSet set : new DataSet[] {data.train(), data.test()}) {
            INDArray labels = set.getLabels();
            assertArrayEquals(labels.sum(1).toDoubleVector(), ones(labels.rows()));
            double[] expected = new double[10];
            Arrays.fill(expected, labels.rows() / 10.0);
            assertArrayEquals(expected, labels.sum(0).toDoubleVector());
        }
    }

    @Test
    void digitsComeInRandomOrder() {
        int[] digits = data.train().getLabels().argMax(1).toIntVector();
        long ascents = IntStream.range(1, digits.length)
                .filter(i -> digits[i] == (digits[i - 1] + 1) % 10)
                .count();
        assertTrue(ascents < 60, ascents + " of 199 digits follow their predecessor");
    }

    /** 20 pixels high and 1.3 to 3.2 thick: neither an empty sheet nor a blot. */
    @Test
    void everyImageShowsAPlausibleAmountOfInk() {
        for (float[] image : data.train().getFeatures().toFloatMatrix()) {
            long ink =
                    IntStream.range(0, image.length).filter(i -> image[i] > 0.5).count();
            assertTrue(ink > 5 && ink < 250, ink + " pixels of ink");
        }
    }

    @Test
    void inkStaysInside() {
        INDArray mean = data.train().getFeatures().mean(0).reshape(28, 28);
        for (int i = 0; i < 28; i++) {
            for (double border : new double[] {
                mean.getDouble(i, 0), mean.getDouble(i, 27), mean.getDouble(0, i), mean.getDouble(27, i)
            }) {
                assertTrue(border < 0.15, "mean value at the border: " + border);
            }
        }
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
