package io.github.dl4jnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Small graphs, their data, and comparisons of arrays, for the tests of SameDiff ops. */
final class Graphs {
    private Graphs() {}

    static INDArray random(long seed, long... shape) {
        return Nd4j.rand(
                        Nd4j.create(DataType.DOUBLE, shape),
                        Nd4j.getRandomFactory().getNewRandomInstance(seed))
                .muli(2)
                .subi(0.7);
    }

    /** A graph of BatchNorm on [N, 3] with running statistics and a loss that weighs every output differently. */
    static SameDiff batchNorm(DataType type) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", type, -1, 3);
        SDVariable weights = sd.placeHolder("weights", type, -1, 3);
        SDVariable y = new SDNorm(sd).batchNorm("bn", x, 3, 1);
        y.mul(weights).sum("loss").markAsLoss();
        return sd;
    }

    /** Training of a graph with placeholders x and weights. */
    static TrainingConfig training(double learningRate) {
        return TrainingConfig.builder()
                .updater(new Sgd(learningRate))
                .dataSetFeatureMapping("x")
                .dataSetLabelMapping("weights")
                .build();
    }

    static INDArray array(SameDiff sd, String variable) {
        return sd.getVariable(variable).getArr();
    }

    /** INDArray.equals would let differences of 1e-5 pass. */
    static void assertSameBits(INDArray expected, INDArray actual) {
        assertEquals(expected.dataType(), actual.dataType());
        assertArrayEquals(expected.shape(), actual.shape());
        assertArrayEquals(doubles(expected), doubles(actual));
    }

    static double[] doubles(INDArray array) {
        return array.dup('c').data().asDouble();
    }

    static void assertClose(INDArray expected, INDArray actual, double tolerance) {
        assertNotNull(actual);
        assertArrayEquals(expected.shape(), actual.shape(), () -> Arrays.toString(actual.shape()));
        double[] e = doubles(expected);
        double[] a = doubles(actual);
        for (int i = 0; i < e.length; i++) {
            assertEquals(e[i], a[i], tolerance * Math.max(1, Math.abs(e[i])), "element " + i);
        }
        assertFalse(Double.isNaN(actual.sumNumber().doubleValue()));
    }
}
