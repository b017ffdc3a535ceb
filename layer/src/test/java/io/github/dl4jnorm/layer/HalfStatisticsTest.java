package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Running statistics at the limits of their type, and of an eps of 0. */
class HalfStatisticsTest {
    private static final double LARGEST_HALF = 65504;

    private static MultiLayerNetwork network(DataType type, double decay) {
        MultiLayerConfiguration conf = Scenario.base(type, new Sgd(0.01))
                .list()
                .layer(new BatchNorm.Builder()
                        .name("norm")
                        .decay(decay)
                        .lockGammaBeta(true)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nOut(2).build())
                .setInputType(InputType.feedForward(2))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        return network;
    }

    /** Variances of 90000 and 96100, of activations far below the largest number of the type. */
    private static DataSet large(DataType type) {
        INDArray x = Nd4j.createFromArray(new double[][] {{300, 310}, {-300, -310}, {300, -310}, {-300, 310}});
        return new DataSet(x.castTo(type), Nd4j.rand(DataType.DOUBLE, 4, 2).castTo(type));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.5, 4", "0.9, 20"})
    void aLargeVarianceStaysAtTheLargestHalf(double decay, int steps) {
        MultiLayerNetwork network = network(DataType.FLOAT16, decay);
        DataSet data = large(DataType.FLOAT16);
        List<String> warnings = Warnings.during(() -> {
            for (int i = 0; i < steps; i++) {
                network.fit(data);
            }
        });
        INDArray variance = network.getParam("0_var");
        assertEquals(List.of(LARGEST_HALF, LARGEST_HALF), List.of(variance.getDouble(0), variance.getDouble(1)));
        finite(network.output(data.getFeatures()));
        finite(network.params());
        assertEquals(
                List.of(
                        "BatchNorm \"norm\" (layer index 0): a running statistic is larger than HALF can hold and stays at"
                                + " its largest number; scale the activations down, or keep the network in FLOAT"),
                warnings);
        // Nothing but the variance is off: x/√65504 instead of x/300.
        INDArray y = network.feedForward(data.getFeatures()).get(1);
        assertEquals(300 / Math.sqrt(LARGEST_HALF), y.getDouble(0, 0), 0x1p-9);
        assertEquals(-310 / Math.sqrt(LARGEST_HALF), y.getDouble(1, 1), 0x1p-9);
    }

    /** It comes back when the activations do. */
    @Test
    void aSaturatedVarianceRecovers() {
        MultiLayerNetwork network = network(DataType.FLOAT16, 0.5);
        Warnings.during(() -> {
            for (int i = 0; i < 5; i++) {
                network.fit(large(DataType.FLOAT16));
            }
        });
        assertEquals(LARGEST_HALF, network.getParam("0_var").getDouble(0));
        DataSet small = large(DataType.FLOAT16);
        small.setFeatures(small.getFeatures().div(100));
        for (int i = 0; i < 30; i++) {
            network.fit(small);
        }
        assertEquals(9, network.getParam("0_var").getDouble(0), 0.1);
    }

    @Test
    void floatHoldsThem() {
        MultiLayerNetwork network = network(DataType.FLOAT, 0);
        assertEquals(List.of(), Warnings.during(() -> network.fit(large(DataType.FLOAT))));
        assertEquals(90000, network.getParam("0_var").getDouble(0));
    }

    private static void finite(INDArray array) {
        assertTrue(Double.isFinite(array.castTo(DataType.DOUBLE).sumNumber().doubleValue()), array.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "BFLOAT16, 0.999, true",
        "BFLOAT16, 0.9, false",
        "HALF, 0.999, false",
        "HALF, 0.9999, true",
        "HALF, 1, true",
        "FLOAT, 0.9999, false",
        "DOUBLE, 0.9999, false"
    })
    void aDecayWhoseStepsAreLostIsWarnedAboutWhenTheLayerIsMade(DataType type, double decay, boolean warned) {
        BatchNorm conf = new BatchNorm.Builder().decay(decay).build();
        List<String> warnings = Warnings.during(() -> new SingleLayer(conf, 3, type));
        assertEquals(
                warned
                        ? List.of("BatchNorm \"norm\" (layer index 3): with decay " + decay
                                + " most steps of the running statistics are below the digits of " + type
                                + " and are lost; use a smaller decay, or keep the network in FLOAT")
                        : List.of(),
                warnings);
        BatchNorm without =
                new BatchNorm.Builder().decay(decay).runningStatistics(false).build();
        assertEquals(List.of(), Warnings.during(() -> new SingleLayer(without, 3, type)));
    }

    /** As models from elsewhere have it: given statistics need no eps, those of a batch do. */
    @Test
    void epsOfZeroIsForInference() {
        SingleLayer layer = new SingleLayer(new BatchNorm.Builder().eps(0).build(), 2, DataType.DOUBLE);
        layer.parameter("mean")
                .assign(Nd4j.createFromArray(new double[] {1, -2}).reshape(1, 2));
        layer.parameter("var")
                .assign(Nd4j.createFromArray(new double[] {4, 0.25}).reshape(1, 2));
        layer.parameter("gamma").assign(3);
        INDArray x = Nd4j.createFromArray(new double[][] {{5, -1}, {1, -2}});
        Expect.same(Nd4j.createFromArray(new double[][] {{6, 6}, {0, 0}}), layer.forward(x, false));
        INDArray dy = Nd4j.createFromArray(new double[][] {{2, 1}, {0, 4}});
        Expect.same(Nd4j.createFromArray(new double[][] {{3, 6}, {0, 24}}), layer.backward(dy));
        Expect.same(Nd4j.createFromArray(new double[] {4, 2}), layer.gradient("gamma"));
        Expect.same(Nd4j.createFromArray(new double[] {2, 5}), layer.gradient("beta"));
        assertThrows(IllegalArgumentException.class, () -> layer.forward(x, true));
    }

    /** Without running statistics inference takes those of its batch. */
    @Test
    void epsOfZeroNeedsRunningStatistics() {
        SingleLayer layer = new SingleLayer(
                new BatchNorm.Builder().eps(0).runningStatistics(false).build(), 2, DataType.DOUBLE);
        assertThrows(IllegalArgumentException.class, () -> layer.forward(Nd4j.rand(DataType.DOUBLE, 3, 2), false));
    }
}
