package io.github.dl4jnorm;

import static io.github.dl4jnorm.Graphs.array;
import static io.github.dl4jnorm.Graphs.assertClose;
import static io.github.dl4jnorm.Graphs.random;

import io.github.dl4jnorm.engine.NormGradients;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** BatchNorm with running statistics: its modes, and who moves the statistics, when and in which type. */
class BatchNormOpTest {
    @Test
    void fitMovesRunningStatisticsOncePerIterationAndNothingElseDoes() {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        sd.setTrainingConfig(Graphs.training(0.1));
        INDArray x = random(1, 16, 3);
        INDArray weights = random(2, 16, 3);
        INDArray mean = x.mean(0);
        INDArray variance = x.var(false, 0);

        INDArray expectedMean = Nd4j.zeros(DataType.DOUBLE, 3);
        INDArray expectedVariance = Nd4j.ones(DataType.DOUBLE, 3);
        for (int step = 0; step < 3; step++) {
            sd.fit(new DataSet(x, weights));
            expectedMean = expectedMean.mul(0.9).add(mean.mul(0.1));
            expectedVariance = expectedVariance.mul(0.9).add(variance.mul(0.1));
            assertClose(expectedMean, array(sd, "bn/mean"), 1e-14);
            assertClose(expectedVariance, array(sd, "bn/var"), 1e-14);

            sd.output(Map.of("x", x, "weights", weights), "bn");
            sd.calculateGradients(Map.of("x", x, "weights", weights), "bn/gamma");
            assertClose(expectedMean, array(sd, "bn/mean"), 1e-14);
        }
    }

    @Test
    void outputUsesRunningStatisticsAndGradientsUseTheBatch() {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        array(sd, "bn/mean").assign(Nd4j.createFromArray(0.5, -1, 2));
        array(sd, "bn/var").assign(Nd4j.createFromArray(0.25, 4, 1));
        INDArray x = random(3, 8, 3);
        INDArray weights = random(4, 8, 3);
        Map<String, INDArray> placeholders = Map.of("x", x, "weights", weights);

        INDArray expected = new NDNorm()
                .batchNormInference(
                        x,
                        Nd4j.createFromArray(0.5, -1, 2),
                        Nd4j.createFromArray(0.25, 4, 1),
                        null,
                        null,
                        SDNorm.DEFAULT_EPS,
                        1)
                .y();
        assertClose(expected, sd.output(placeholders, "bn").get("bn"), 1e-14);

        INDArray one = Nd4j.ones(DataType.DOUBLE, 3);
        INDArray zero = Nd4j.zeros(DataType.DOUBLE, 3);
        NormGradients gradients =
                new NDNorm().batchNorm(x, one, zero, SDNorm.DEFAULT_EPS, 1).backward(weights);
        Map<String, INDArray> actual = sd.calculateGradients(placeholders, "bn/gamma", "bn/beta");
        assertClose(gradients.dGamma(), actual.get("bn/gamma"), 1e-13);
        assertClose(gradients.dBeta(), actual.get("bn/beta"), 1e-13);
    }
}
