package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
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
    /** Any that all layers take. */
    private static final Scenario SOME = Scenario.NCHW;

    private static boolean isRectified(Variants variant) {
        return variant.spec(1).activation() == FusedActivation.RELU;
    }

    static Stream<Variants> rectified() {
        return Arrays.stream(Variants.values()).filter(ActivationTest::isRectified);
    }

    static Stream<Arguments> everywhere() {
        return Variants.everywhere()
                .filter(arguments -> isRectified((Variants) arguments.get()[0]));
    }

    private static Layer with(Variants variant, Activation activation) {
        return variant.builder().activation(activation).build();
    }

    private static MultiLayerNetwork fused(Variants variant, Scenario scenario, boolean deeper, boolean frozen) {
        return network(scenario, scenario.layers(() -> frozen(frozen, variant.layer.get()), deeper));
    }

    private static MultiLayerNetwork composed(Variants variant, Scenario scenario, boolean deeper, boolean frozen) {
        List<Layer> layers =
                new ArrayList<>(scenario.layers(() -> frozen(frozen, with(variant, Activation.IDENTITY)), deeper));
        layers.add(deeper ? 2 : 1, new ActivationLayer(Activation.RELU));
        return network(scenario, layers);
    }

    /** With numbers of both signs between the layers, because not every normalization makes them. */
    private static MultiLayerNetwork network(Scenario scenario, List<Layer> layers) {
        return scenario.network(
                Scenario.base(DataType.DOUBLE, scenario.updater()).activation(Activation.TANH), layers);
    }

    private static INDArray features(Scenario scenario, long seed) {
        return scenario.features(DataType.DOUBLE, seed).subi(1);
    }

    private static Layer frozen(boolean frozen, Layer layer) {
        return frozen ? new FrozenLayerWithBackprop(layer) : layer;
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("everywhere")
    void isAnActivationLayerBehindIt(Variants variant, Scenario scenario, boolean deeper) {
        assertSame(variant, scenario, deeper, false);
    }

    @ParameterizedTest(name = "{0} {1} deeper={2}")
    @MethodSource("everywhere")
    void isAnActivationLayerBehindItIfFrozen(Variants variant, Scenario scenario, boolean deeper) {
        assertSame(variant, scenario, deeper, true);
    }

    private static void assertSame(Variants variant, Scenario scenario, boolean deeper, boolean frozen) {
        MultiLayerNetwork fused = fused(variant, scenario, deeper, frozen);
        MultiLayerNetwork composed = composed(variant, scenario, deeper, frozen);
        INDArray x = features(scenario, 1);
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
        INDArray x = rounding.in(features(scenario, 1));
        INDArray labels = scenario.labels(DataType.DOUBLE);
        results.put(
                "gradient of the input",
                network.calculateGradients(x, labels, null, null).getSecond().dup());
        results.put("gradient", network.getFlattenedGradients().dup());
        // Seeds from 2 on: 1 made x, and ND4J takes 0 for any seed.
        for (int seed = 2; seed < 5; seed++) {
            rounding.in(network.params());
            network.fit(new DataSet(rounding.in(features(scenario, seed)), labels));
        }
        results.put("parameters", network.params().dup());
        results.put("output", network.output(x).dup());
        return results;
    }

    static Stream<Arguments> masked() {
        return MaskTest.everyVariant()
                .filter(arguments -> isRectified((Variants) arguments.get()[0])
                        && !MaskTest.refused((Variants) arguments.get()[0], (MaskTest.Case)
                                arguments.get()[1]));
    }

    /** The bits of an activation behind the plain layer, and of the gradient that it would hand on. */
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource
    void masked(Variants variant, MaskTest.Case given) {
        INDArray x = given.random(1);
        INDArray dy = given.random(2);
        for (boolean training : new boolean[] {true, false}) {
            SingleLayer plain = MaskTest.layer(variant.builder().activation(Activation.IDENTITY), given);
            SingleLayer relu = MaskTest.layer(variant.builder(), given);
            INDArray y = plain.forward(x, training);
            Expect.same(passed(y, y), relu.forward(x, training));
            Expect.same(plain.backward(passed(dy, y)), relu.backward(dy));
            if (plain.layer.numParams() > 0) {
                Expect.same(plain.layer.getGradientsViewArray(), relu.layer.getGradientsViewArray());
            }
        }
    }

    /** What passes where y is positive; the sum with 0 makes a 0 of −0. */
    private static INDArray passed(INDArray x, INDArray y) {
        return x.mul(y.gt(0).castTo(x.dataType())).addi(0);
    }

    @ParameterizedTest
    @MethodSource("rectified")
    void onlyThatOfTheLayerItselfCounts(Variants variant) {
        for (boolean relu : new boolean[] {true, false}) {
            Activation own = relu ? Activation.RELU : Activation.IDENTITY;
            Activation ofTheNetwork = relu ? Activation.IDENTITY : Activation.RELU;
            // So that no output is positive only because the input is.
            AffineNormLayer.Builder<?> builder = ((AffineNormLayer.Builder<?>) variant.builder()).gamma(-1);
            MultiLayerNetwork network = SOME.network(
                    Scenario.base(DataType.FLOAT, new Sgd(0.1)).activation(ofTheNetwork),
                    SOME.layers(() -> builder.activation(own).build(), true));
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
            assertActivation(
                    false,
                    SOME.network(
                            Scenario.base(DataType.FLOAT, new Sgd(0.1)).activation(Activation.RELU),
                            SOME.layers(() -> layer, true)));
        }
    }

    private static void assertActivation(boolean relu, MultiLayerNetwork network) {
        network.init();
        FeedForwardLayer layer = (FeedForwardLayer)
                network.getLayerWiseConfigurations().getConf(1).getLayer();
        assertEquals(relu ? new ActivationReLU() : new ActivationIdentity(), layer.getActivationFn());
        INDArray y = network.feedForward(SOME.features(DataType.FLOAT, 1), true).get(2);
        boolean sum = layer instanceof SumNorm;
        assertEquals(relu || sum, y.minNumber().doubleValue() >= 0);
    }
}
