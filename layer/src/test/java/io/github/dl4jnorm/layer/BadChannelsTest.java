package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Channels with values that are no numbers, and variances that are no variances. */
class BadChannelsTest {
    private static final String WARNING =
            "BatchNorm \"norm\" (layer index 3): activations of 1 of 3 channels are NaN, infinite, or too large for a"
                    + " variance in FLOAT: channels [1]; their statistics, running ones included, are not finite, those of"
                    + " the others are as ever";

    private static INDArray activations() {
        return Nd4j.createFromArray(new float[][] {{1, 2, 3}, {-1, 5, 9}, {3, 7, 4}, {0, 1, -8}});
    }

    /** The running statistics after a step on some activations, each mean and variance as a row. */
    private static INDArray running(SingleLayer layer, INDArray x) {
        layer.forward(x, true);
        layer.backward(x.mul(2));
        layer.step();
        return Nd4j.vstack(
                layer.parameter(BatchNorm.MEAN).reshape(1, 3),
                layer.parameter(BatchNorm.VARIANCE).reshape(1, 3));
    }

    private static SingleLayer layer() {
        return new SingleLayer(new BatchNorm.Builder().decay(0.5).build(), 3, DataType.FLOAT);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 3e38f})
    void theLayerSaysOnceWhichChannelsWentBadAndKeepsTheOthers(float value) {
        INDArray expected = running(layer(), activations());
        INDArray bad = activations().putScalar(2, 1, value);
        SingleLayer layer = layer();
        List<String> warnings = Warnings.during(() -> {
            INDArray actual = running(layer, bad);
            for (int row = 0; row < 2; row++) {
                assertEquals(expected.getFloat(row, 0), actual.getFloat(row, 0));
                assertEquals(expected.getFloat(row, 2), actual.getFloat(row, 2));
            }
            assertFalse(Float.isFinite(actual.getFloat(1, 1)));
            running(layer, bad);
        });
        assertEquals(List.of(WARNING), warnings);
        assertEquals(List.of(WARNING), Warnings.during(() -> running(layer(), bad)), "another instance says it too");
    }

    @Test
    void goodChannelsAreNotTalkedAbout() {
        assertEquals(List.of(), Warnings.during(() -> running(layer(), activations())));
    }

    @Test
    void manyBadChannelsAreCounted() {
        SingleLayer layer = new SingleLayer(new BatchNorm.Builder().build(), 12, DataType.DOUBLE);
        INDArray x = Nd4j.valueArrayOf(new long[] {4, 12}, Double.NaN, DataType.DOUBLE);
        assertEquals(
                List.of("BatchNorm \"norm\" (layer index 3): activations of 12 of 12 channels are NaN, infinite, or too"
                        + " large for a variance in DOUBLE: channels [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] and more; their"
                        + " statistics, running ones included, are not finite, those of the others are as ever"),
                Warnings.during(() -> layer.forward(x, true)));
    }

    /** As a model from elsewhere may have it; ε takes what is a little less than zero. */
    @Test
    void aNegativeVarianceIsRefusedByName() {
        SingleLayer layer = layer();
        layer.parameter(BatchNorm.VARIANCE)
                .assign(Nd4j.createFromArray(1f, 1f, -1f).reshape(1, 3));
        assertEquals(
                "BatchNorm \"norm\" (layer index 3): expected var + eps >= 0, got -1.0 + 1.0E-5 at index [2] of axes [1]",
                assertThrows(IllegalArgumentException.class, () -> layer.forward(activations(), false))
                        .getMessage());
        layer.parameter(BatchNorm.VARIANCE).assign(-1e-6);
        layer.parameter("gamma").assign(1);
        double s = 1 / Math.sqrt(1e-5 - 1e-6f);
        assertEquals(9 * s, layer.forward(activations(), false).getDouble(1, 2), 1e-5 * s);
    }
}
