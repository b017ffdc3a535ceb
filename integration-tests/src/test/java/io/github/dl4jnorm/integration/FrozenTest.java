package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;

/** Frozen layers: they normalize with their running statistics, as constants, and stay as they are. */
@ExtendWith(InDouble.class)
class FrozenTest {
    private static final int FROZEN = 1;

    record Case(Norm norm, Kind kind, Type type) {}

    static Stream<Case> cases() {
        return Stream.of(Norm.BATCH, Norm.BATCH_LOCKED, Norm.BATCH_RELU, Norm.LAYER, Norm.LAYER_RELU, Norm.SUM)
                .flatMap(norm -> Stream.of(Kind.FEED_FORWARD, Kind.RNN_NCW, Kind.CNN_NCHW)
                        .flatMap(kind -> Arrays.stream(Type.values()).map(type -> new Case(norm, kind, type))));
    }

    /** A net with a frozen layer whose parameters and running statistics are not the initial ones. */
    private static Model withFrozen(Case c) {
        Model net = Networks.build(
                c.type(),
                Networks.configuration(DataType.DOUBLE),
                c.kind().inputType(),
                List.of(
                        c.kind().hidden(),
                        new FrozenLayerWithBackprop(c.norm().on(c.kind())),
                        c.kind().hidden(),
                        c.kind().output()));
        Networks.perturbParameters(net);
        return net;
    }

    /**
     * {@code GradientCheckUtil} would compare the frozen parameters too, whose gradient is zero by decree: hence by
     * hand, and all others.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void gradientsThroughAFrozenLayer(Case c) {
        Model net = withFrozen(c);
        DataSet data = c.kind().data(Layout.C, 1);
        Networks.gradient(net, data);
        Map<String, INDArray> gradients = net.gradient().gradientForVariable();
        for (Map.Entry<String, INDArray> parameter : net.paramTable().entrySet()) {
            if (isFrozen(parameter.getKey())) {
                continue;
            }
            double[] actual = Doubles.of(gradients.get(parameter.getKey()).div(data.numExamples()));
            double[] numerical = Gradients.numerical(() -> Networks.score(net, data, true), parameter.getValue());
            Gradients.assertClose(parameter.getKey(), numerical, actual);
        }
        if (net instanceof MultiLayerNetwork multiLayer) {
            Gradients.assertInputGradient(multiLayer, data);
        }
    }

    private static boolean isFrozen(String key) {
        return key.startsWith(FROZEN + "_") || key.startsWith("layer" + FROZEN + "_");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aFrozenLayerStaysAsItIs(Case c) {
        Model net = withFrozen(c);
        Map<String, INDArray> before = copy(net);
        DataSet data = c.kind().data(Layout.C, 1);
        for (int i = 0; i < 3; i++) {
            Models.fit(net, data);
        }
        net.paramTable().forEach((key, now) -> {
            if (isFrozen(key)) {
                NDArrays.assertIdentical(before.get(key), now);
            } else {
                assertNotEquals(before.get(key), now, key);
            }
        });
        NDArrays.assertIdentical(
                Networks.activations(net, data.getFeatures(), FROZEN, false),
                Networks.activations(net, data.getFeatures(), FROZEN, true));
    }

    private static Map<String, INDArray> copy(Model net) {
        Map<String, INDArray> copy = new HashMap<>();
        net.paramTable().forEach((key, parameter) -> copy.put(key, parameter.dup()));
        return copy;
    }

    @ParameterizedTest
    @EnumSource(names = {"BATCH", "LAYER", "SUM"})
    void aFeatureExtractorStaysAsItIs(Norm norm) {
        Kind kind = Kind.CNN_NCHW;
        MultiLayerNetwork source =
                Networks.multiLayer(Networks.configuration(DataType.DOUBLE), kind.inputType(), norm.between(kind));
        source.fit(kind.data(Layout.C, 1));
        MultiLayerNetwork net = new TransferLearning.Builder(source)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Sgd(1.0))
                        .build())
                .setFeatureExtractor(FROZEN)
                .build();
        assertInstanceOf(FrozenLayer.class, net.getLayer(FROZEN));

        DataSet data = kind.data(Layout.C, 2);
        INDArray features =
                source.feedForward(data.getFeatures(), false).get(FROZEN + 1).dup();
        INDArray gradient = Networks.gradient(net, data).div(data.numExamples());
        int frozen = Math.toIntExact(
                source.getLayer(0).numParams() + source.getLayer(FROZEN).numParams());
        INDArray above = net.params().get(NDArrayIndex.interval(frozen, net.numParams()));
        double[] numerical = Gradients.numerical(() -> net.score(data, true), above);
        Gradients.assertClose(
                "gradient above", numerical, Doubles.of(NDArrays.range(gradient, frozen, net.numParams())));

        for (int i = 0; i < 3; i++) {
            net.fit(data);
        }
        NDArrays.assertIdentical(
                features, net.feedForward(data.getFeatures(), true).get(FROZEN + 1));
        NDArrays.assertIdentical(NDArrays.range(source.params(), 0, frozen), NDArrays.range(net.params(), 0, frozen));
        assertNotEquals(
                NDArrays.range(source.params(), frozen, net.numParams()),
                NDArrays.range(net.params(), frozen, net.numParams()));
    }

    @ParameterizedTest
    @EnumSource(names = {"BATCH", "LAYER", "SUM"})
    void anotherWidthReachesTheNorm(Norm norm) {
        Kind kind = Kind.CNN_NHWC;
        MultiLayerNetwork source =
                Networks.multiLayer(Networks.configuration(DataType.DOUBLE), kind.inputType(), norm.between(kind));
        int width = 5;
        // DL4J passes the new width on to the next layer only, and what follows the norm has to be told.
        MultiLayerNetwork net = new TransferLearning.Builder(source)
                .nOutReplace(0, width, WeightInit.XAVIER)
                .nInReplace(2, width, WeightInit.XAVIER)
                .build();
        assertNormHas(width, net);
        Networks.perturbParameters(net);
        DataSet data = kind.data(Layout.C, 1);
        Gradients.assertAll(net, data);
        assertEquals(width, net.feedForward(data.getFeatures(), true).get(2).size(kind.channelAxis()));
    }

    private static void assertNormHas(int width, Model net) {
        for (INDArray parameter : Networks.layer(net, 1).paramTable().values()) {
            assertArrayEquals(new long[] {1, width}, parameter.shape());
        }
    }

    /** {@code TransferLearning.GraphBuilder} makes a FLOAT network of any. */
    @ParameterizedTest
    @EnumSource(names = {"BATCH", "LAYER", "SUM"})
    void anotherWidthReachesTheNormInAGraph(Norm norm) {
        Kind kind = Kind.FEED_FORWARD;
        ComputationGraph source =
                Networks.graph(Networks.configuration(DataType.FLOAT), kind.inputType(), norm.between(kind));
        int width = 5;
        ComputationGraph net = new TransferLearning.GraphBuilder(source)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Sgd(0.1))
                        .build())
                .nOutReplace("layer0", width, WeightInit.XAVIER)
                .nInReplace("layer2", width, WeightInit.XAVIER)
                .build();
        assertNormHas(width, net);
        DataSet data = kind.data(DataType.FLOAT, Layout.C, Kind.EXAMPLES, 1);
        net.fit(data);
        assertEquals(
                width, net.feedForward(data.getFeatures(), false).get("layer1").size(1));
    }
}
