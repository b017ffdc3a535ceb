package io.github.dl4jnorm.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class DigitsCnnTest {
    /** So that a comparison compares normalizations, not luck. */
    @ParameterizedTest
    @EnumSource
    void weightsAreTheSameWithEveryNormalization(Norm norm) {
        assertEquals(weights(Norm.NONE), weights(norm));
    }

    @ParameterizedTest
    @EnumSource
    void learns(Norm norm) {
        DataSet images = DigitImages.draw(40, 1, 3).train();
        NetworkClassifier classifier = DigitsCnn.create(norm, 0.01, 1);
        double before = classifier.fit(images);
        for (int step = 1; step < 30; step++) {
            classifier.fit(images);
        }
        double after = classifier.fit(images);
        assertTrue(after < before / 4, "loss " + before + " became " + after);
    }

    @Test
    void aModelThatChangedOnDiskIsNoticed(@TempDir File directory) {
        DigitData data = DigitImages.draw(10, 100, 3);
        double[] accuracies = {0.5, 0.75};
        Classifier forgetful = new Classifier() {
            private int next;

            @Override
            public double fit(DataSet batch) {
                throw new UnsupportedOperationException();
            }

            @Override
            public double accuracy(DataSet images) {
                return accuracies[next++];
            }

            @Override
            public void save(File file) {}

            @Override
            public Classifier load(File file) {
                return this;
            }
        };
        File file = new File(directory, "model");
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> forgetful.saveAndReload(file, data.test()));
        assertEquals("The network loaded from " + file + " has accuracy 0.5, not 0.75", e.getMessage());
    }

    @Test
    void theReloadedNetworkIsTheSame(@TempDir File directory) throws IOException {
        DigitData data = DigitImages.draw(100, 100, 3);
        NetworkClassifier classifier = DigitsCnn.create(Norm.BATCH, 0.002, 1);
        classifier.fit(data.train());
        File file = new File(directory, "model.zip");
        classifier.saveAndReload(file, data.test());
        NetworkClassifier loaded = (NetworkClassifier) classifier.load(file);
        assertEquals(
                classifier.net().output(data.test().getFeatures()),
                loaded.net().output(data.test().getFeatures()));
    }

    private static List<INDArray> weights(Norm norm) {
        return Arrays.stream(DigitsCnn.create(norm, 0.002, 1).net().getLayers())
                .filter(layer -> layer.conf().getLayer() instanceof FeedForwardLayer && layer.getParam("W") != null)
                .map(layer -> layer.getParam("W"))
                .toList();
    }
}
