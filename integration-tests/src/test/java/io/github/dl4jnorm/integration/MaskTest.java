package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.Builder;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** Sequences of different lengths: masked steps have no part in anything. */
@ExtendWith(InDouble.class)
class MaskTest {
    /** Steps of each example; one has none at all. */
    private static final int[] LENGTHS = {Kind.STEPS, 2, 0};

    record Case(Norm norm, Kind kind) {}

    static Stream<Case> cases() {
        return Norm.KINDS.stream()
                .filter(norm -> !norm.averagesOverSteps())
                .flatMap(norm -> Stream.of(Kind.RNN_NCW, Kind.RNN_NWC).map(kind -> new Case(norm, kind)));
    }

    private static List<Layer> onTop(Case c) {
        return List.of(c.norm().on(c.kind()), c.kind().hidden(), c.kind().output());
    }

    private static List<Layer> between(Case c) {
        List<Layer> layers = new ArrayList<>(onTop(c));
        layers.add(0, c.kind().hidden());
        return layers;
    }

    /** Random sequences, with some number in the steps behind the mask. */
    private static DataSet masked(Kind kind, double hidden, int... lengths) {
        DataSet data = kind.data(Layout.C, 5);
        INDArray mask = Nd4j.zeros(DataType.DOUBLE, Kind.EXAMPLES, Kind.STEPS);
        for (int example = 0; example < Kind.EXAMPLES; example++) {
            for (int step = 0; step < Kind.STEPS; step++) {
                if (step < lengths[example]) {
                    mask.putScalar(example, step, 1);
                } else {
                    step(kind, data.getFeatures(), example, step).assign(hidden);
                }
            }
        }
        data.setFeaturesMaskArray(mask);
        data.setLabelsMaskArray(mask.dup());
        return data;
    }

    private static INDArray step(Kind kind, INDArray sequences, int example, int step) {
        return kind == Kind.RNN_NCW
                ? sequences.get(NDArrayIndex.point(example), NDArrayIndex.all(), NDArrayIndex.point(step))
                : sequences.get(NDArrayIndex.point(example), NDArrayIndex.point(step), NDArrayIndex.all());
    }

    private static Builder configuration() {
        return Networks.configuration(DataType.DOUBLE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsOnTopOfTheData(Case c) {
        MultiLayerNetwork net =
                Networks.multiLayer(configuration().l2(0.1), c.kind().inputType(), onTop(c));
        Networks.perturbParameters(net);
        DataSet data = masked(c.kind(), 0.3, LENGTHS);
        Gradients.assertAll(net, data);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsBetweenLayers(Case c) {
        for (Type type : Type.values()) {
            Model net = Networks.build(type, configuration(), c.kind().inputType(), between(c));
            Networks.perturbParameters(net);
            Gradients.assertAll(net, masked(c.kind(), 0.3, LENGTHS));
        }
    }

    /** With NaN behind the mask every number comes out as with any other number there. */
    @ParameterizedTest
    @MethodSource("cases")
    void nanBehindTheMaskNeverLeaks(Case c) {
        for (Type type : Type.values()) {
            List<INDArray> seen = new ArrayList<>();
            for (double hidden : new double[] {7, Double.NaN}) {
                DataSet data = masked(c.kind(), hidden, LENGTHS);
                Model net = Networks.build(
                        type, configuration().updater(new Adam(0.1)), c.kind().inputType(), onTop(c));
                INDArray gradient = Networks.gradient(net, data);
                for (int i = 0; i < 3; i++) {
                    Models.fit(net, data);
                }
                seen.add(Nd4j.concat(
                        0,
                        gradient.reshape(-1),
                        net.params().reshape(-1),
                        Nd4j.scalar(Networks.score(net, data, true)).reshape(1),
                        maskedOutput(net, data).reshape(-1)));
            }
            assertFalse(seen.get(1).isNaN().any(), type::toString);
            NDArrays.assertIdentical(seen.get(0), seen.get(1));
        }
    }

    private static INDArray maskedOutput(Model net, DataSet data) {
        INDArray mask = data.getFeaturesMaskArray();
        return net instanceof ComputationGraph graph
                ? graph.output(false, new INDArray[] {data.getFeatures()}, new INDArray[] {mask}, new INDArray[] {mask
                })[0]
                : ((MultiLayerNetwork) net).output(data.getFeatures(), false, mask, mask);
    }

    /** Sequences of equal lengths, padded and masked, train as without padding. */
    @ParameterizedTest
    @MethodSource("cases")
    void trainingIsThatOnUnpaddedData(Case c) {
        assertTrainsAsWithoutPadding(c.kind(), () -> between(c));
    }

    /** A Dense layer sees time steps as examples, and so does a norm behind it, under a mask of shape [N·T, 1]. */
    @ParameterizedTest
    @MethodSource("cases")
    void trainingBehindATimeDistributedLayerIsThatOnUnpaddedData(Case c) {
        assertTrainsAsWithoutPadding(c.kind(), () -> behindDense(c));
    }

    private static List<Layer> behindDense(Case c) {
        return List.of(
                new DenseLayer.Builder()
                        .nOut(Kind.CHANNELS)
                        .activation(Activation.SOFTPLUS)
                        .build(),
                c.norm().on(Kind.FEED_FORWARD),
                c.kind().output());
    }

    private static void assertTrainsAsWithoutPadding(Kind kind, Supplier<List<Layer>> layers) {
        int length = 2;
        DataSet padded = masked(kind, 50, length, length, length);
        DataSet cut = new DataSet(
                firstSteps(kind, padded.getFeatures(), length), firstSteps(kind, padded.getLabels(), length));
        MultiLayerNetwork masked = Networks.multiLayer(configuration(), kind.inputType(), layers.get());
        MultiLayerNetwork plain = Networks.multiLayer(configuration(), kind.inputType(), layers.get());
        // The sums of both have other orders, and each of the steps passes on what rounding left.
        Sensitivity.of(
                        DataType.DOUBLE,
                        padded.getFeatures().length() / Kind.CHANNELS,
                        rounding -> Models.withRoundedState(plain, rounding, () -> trained(plain, cut, rounding)))
                .assertClose(trained(masked, padded, Rounding.NONE));
    }

    private static Map<String, INDArray> trained(MultiLayerNetwork net, DataSet data, Rounding rounding) {
        for (int i = 0; i < 3; i++) {
            rounding.in(net.params());
            DataSet rounded = Networks.rounded(data, rounding);
            rounded.setFeaturesMaskArray(data.getFeaturesMaskArray());
            rounded.setLabelsMaskArray(data.getLabelsMaskArray());
            net.fit(rounded);
        }
        Map<String, INDArray> parameters = new HashMap<>();
        net.paramTable().forEach((key, parameter) -> parameters.put(key, parameter.dup()));
        return parameters;
    }

    private static INDArray firstSteps(Kind kind, INDArray sequences, int length) {
        return kind == Kind.RNN_NCW
                ? sequences
                        .get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, length))
                        .dup()
                : sequences
                        .get(NDArrayIndex.all(), NDArrayIndex.interval(0, length), NDArrayIndex.all())
                        .dup();
    }
}
