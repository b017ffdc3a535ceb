package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** A layer with an activation is the layer without one and an ActivationLayer behind it. */
class ActivationTest {
    /** A layer, with whatever activation. */
    private enum Norm {
        BATCH(a -> new BatchNorm.Builder().activation(a).build()),
        BATCH_FIXED(a -> new BatchNorm.Builder()
                .lockGammaBeta(true)
                .gamma(2)
                .beta(-0.3)
                .activation(a)
                .build()),
        BATCH_OF_NOW(a ->
                new BatchNorm.Builder().runningStatistics(false).activation(a).build()),
        LAYER(a -> new LayerNorm.Builder().activation(a).build()),
        LAYER_PLAIN(a -> new LayerNorm.Builder()
                .lockGamma(true)
                .lockBeta(true)
                .activation(a)
                .build()),
        LAYER_OVER_LAST_AXIS(a -> new LayerNorm.Builder().axes(-1).activation(a).build());

        private final Function<Activation, FeedForwardLayer> with;

        Norm(Function<Activation, FeedForwardLayer> with) {
            this.with = with;
        }
    }

    static Stream<Arguments> everywhere() {
        return Arrays.stream(Norm.values()).flatMap(norm -> Arrays.stream(Scenario.values())
                .flatMap(scenario ->
                        Stream.of(Arguments.of(norm, scenario, false), Arguments.of(norm, scenario, true))));
    }

    private static MultiLayerNetwork fused(Norm norm, Scenario scenario, boolean deeper, boolean frozen) {
        return scenario.network(DataType.DOUBLE, () -> frozen(frozen, norm.with.apply(Activation.RELU)), deeper);
    }

    private static MultiLayerNetwork composed(Norm norm, Scenario scenario, boolean deeper, boolean frozen) {
        List<Layer> layers =
                new ArrayList<>(scenario.layers(() -> frozen(frozen, norm.with.apply(Activation.IDENTITY)), deeper));
        layers.add(deeper ? 2 : 1, new ActivationLayer(Activation.RELU));
        return scenario.network(Scenario.base(DataType.DOUBLE, scenario.updater()), layers);
    }

    private static Layer frozen(boolean frozen, Layer layer) {
        return frozen ? new FrozenLayerWithBackprop(layer) : layer;
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("everywhere")
    void isAnActivationLayerBehindIt(Norm norm, Scenario scenario, boolean deeper) {
        assertSame(norm, scenario, deeper, false);
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("everywhere")
    void isAnActivationLayerBehindItIfFrozen(Norm norm, Scenario scenario, boolean deeper) {
        assertSame(norm, scenario, deeper, true);
    }

    private static void assertSame(Norm norm, Scenario scenario, boolean deeper, boolean frozen) {
        MultiLayerNetwork fused = fused(norm, scenario, deeper, frozen);
        MultiLayerNetwork composed = composed(norm, scenario, deeper, frozen);
        INDArray x = scenario.features(DataType.DOUBLE, 1);
        int index = deeper ? 1 : 0;
        // So that no gain is 1 and no bias 0; running variances stay positive.
        Nd4j.getRandom().setSeed(5);
        fused.params()
                .addi(Nd4j.rand(DataType.DOUBLE, fused.params().shape())
                        .subi(0.5)
                        .muli(0.2));
        INDArray runningMean = fused.getLayer(index).paramTable().get(BatchNorm.MEAN);
        if (runningMean != null) {
            INDArray in = fused.feedForward(x).get(index);
            runningMean.assign(in.meanNumber());
            fused.getLayer(index).paramTable().get(BatchNorm.VARIANCE).assign(in.varNumber());
        }
        composed.setParams(fused.params());
        INDArray activations = fused.feedForward(x, !frozen).get(index + 1);
        assertEquals(0.0, activations.minNumber().doubleValue(), "some outputs are negative before");
        assertTrue(activations.maxNumber().doubleValue() > 0);
        long sum = Math.max(
                x.length(), Sensitivity.longestSum(composed.paramTable().values()));
        Sensitivity.of(DataType.DOUBLE, sum, rounding -> trained(composed.clone(), scenario, rounding))
                .assertClose(trained(fused, scenario, Rounding.NONE));
    }

    /** Gradients, and parameters and output after three steps. */
    private static Map<String, INDArray> trained(MultiLayerNetwork network, Scenario scenario, Rounding rounding) {
        Map<String, INDArray> results = new HashMap<>();
        rounding.in(network.params());
        INDArray x = rounding.in(scenario.features(DataType.DOUBLE, 1));
        INDArray labels = scenario.labels(DataType.DOUBLE);
        results.put(
                "gradient of the input",
                network.calculateGradients(x, labels, null, null).getSecond().dup());
        results.put("gradient", network.getFlattenedGradients().dup());
        // Seeds from 2 on: 1 made x, and ND4J takes 0 for any seed.
        for (int seed = 2; seed < 5; seed++) {
            rounding.in(network.params());
            network.fit(new DataSet(rounding.in(scenario.features(DataType.DOUBLE, seed)), labels));
        }
        results.put("parameters", network.params().dup());
        results.put("output", network.output(x).dup());
        return results;
    }

    private record Masked(FeedForwardLayer plain, FeedForwardLayer relu, long[] shape, long... mask) {}

    private static List<Masked> masked() {
        List<Masked> cases = new ArrayList<>();
        for (Norm norm : Norm.values()) {
            if (norm != Norm.LAYER_OVER_LAST_AXIS) {
                cases.add(masked(norm, null, new long[] {6, 3}, 6, 1));
                cases.add(masked(norm, RNNFormat.NCW, new long[] {4, 3, 5}, 4, 5));
                cases.add(masked(norm, RNNFormat.NWC, new long[] {4, 5, 3}, 4, 5));
                cases.add(masked(norm, CNN2DFormat.NCHW, new long[] {4, 3, 2, 5}, 4, 1, 2, 5));
                cases.add(masked(norm, CNN2DFormat.NHWC, new long[] {4, 2, 5, 3}, 4, 1, 2, 5));
            }
        }
        return cases;
    }

    private static Masked masked(Norm norm, org.deeplearning4j.nn.conf.DataFormat format, long[] shape, long... mask) {
        NormLayer plain = (NormLayer) norm.with.apply(Activation.IDENTITY);
        NormLayer relu = (NormLayer) norm.with.apply(Activation.RELU);
        plain.setDataFormat(format);
        relu.setDataFormat(format);
        return new Masked(plain, relu, shape, mask);
    }

    /** The bits of an activation behind the plain layer, and of the gradient that it would hand on. */
    @Test
    void maskedPositionsStayOut() {
        for (Masked c : masked()) {
            for (boolean training : new boolean[] {true, false}) {
                Nd4j.getRandom().setSeed(3);
                INDArray mask = Nd4j.rand(DataType.FLOAT, c.mask).gt(0.3).castTo(DataType.FLOAT);
                INDArray x = Nd4j.randn(DataType.FLOAT, c.shape);
                INDArray dy = Nd4j.randn(DataType.FLOAT, c.shape);
                SingleLayer plain = new SingleLayer(c.plain, 3, DataType.FLOAT).mask(mask);
                SingleLayer relu = new SingleLayer(c.relu, 3, DataType.FLOAT).mask(mask);
                INDArray y = plain.forward(x, training);
                Expect.same(passed(y, y), relu.forward(x, training));
                Expect.same(plain.backward(passed(dy, y)), relu.backward(dy));
                if (plain.layer.numParams() > 0) {
                    Expect.same(plain.layer.getGradientsViewArray(), relu.layer.getGradientsViewArray());
                }
            }
        }
    }

    /** What passes where y is positive; the sum with 0 makes a 0 of −0. */
    private static INDArray passed(INDArray x, INDArray y) {
        return x.mul(y.gt(0).castTo(x.dataType())).addi(0);
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void onlyThatOfTheLayerItselfCounts(Norm norm) {
        for (boolean relu : new boolean[] {true, false}) {
            Activation own = relu ? Activation.RELU : Activation.IDENTITY;
            Activation ofTheNetwork = relu ? Activation.IDENTITY : Activation.RELU;
            Scenario scenario = Scenario.FEED_FORWARD;
            MultiLayerNetwork network = scenario.network(
                    Scenario.base(DataType.FLOAT, new Sgd(0.1)).activation(ofTheNetwork),
                    scenario.layers(() -> norm.with.apply(own), true));
            assertActivation(relu, network);
            assertActivation(
                    relu,
                    new MultiLayerNetwork(MultiLayerConfiguration.fromJson(
                            network.getLayerWiseConfigurations().toJson())));
            assertActivation(
                    relu,
                    new TransferLearning.Builder(network)
                            .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                                    .activation(ofTheNetwork)
                                    .build())
                            .validateOutputLayerConfig(false)
                            .build());
        }
    }

    @Test
    void noneByDefault() {
        for (NormLayer layer : List.of(
                new BatchNorm.Builder().build(), new LayerNorm.Builder().build(), new SumNorm.Builder().build())) {
            Scenario scenario = Scenario.FEED_FORWARD;
            assertActivation(
                    false,
                    scenario.network(
                            Scenario.base(DataType.FLOAT, new Sgd(0.1)).activation(Activation.RELU),
                            scenario.layers(() -> layer, true)));
        }
    }

    private static void assertActivation(boolean relu, MultiLayerNetwork network) {
        network.init();
        FeedForwardLayer layer = (FeedForwardLayer)
                network.getLayerWiseConfigurations().getConf(1).getLayer();
        assertEquals(relu ? new ActivationReLU() : new ActivationIdentity(), layer.getActivationFn());
        INDArray y = network.feedForward(Scenario.FEED_FORWARD.features(DataType.FLOAT, 1), true)
                .get(2);
        boolean sum = layer instanceof SumNorm;
        assertEquals(relu || sum, y.minNumber().doubleValue() >= 0);
    }
}
