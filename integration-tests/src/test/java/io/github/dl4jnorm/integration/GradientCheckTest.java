package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Every layer on every kind of activations, in both kinds of networks, on top of the data and between other layers. No
 * parameter is excluded, running statistics included: the score in training does not depend on them, and their gradient
 * is zero.
 */
@ExtendWith(InDouble.class)
class GradientCheckTest {

    /** A chain of layers and how its features lie in memory. */
    record Case(Norm norm, Kind kind, boolean deep, Layout layout) {
        List<Layer> layers() {
            List<Layer> layers = new ArrayList<>();
            if (deep) {
                layers.add(kind.hidden());
            }
            layers.add(norm.on(kind));
            if (deep) {
                layers.add(kind.hidden());
            }
            layers.add(kind.output());
            return layers;
        }

        DataSet data() {
            return kind.data(layout, 1);
        }

        @Override
        public String toString() {
            return norm + " on " + kind + (deep ? " between layers, " : " on top of the data, ") + layout;
        }
    }

    static Stream<Case> everyLayer() {
        return Norm.KINDS.stream().flatMap(norm -> Arrays.stream(Kind.values())
                .filter(norm::suits)
                .flatMap(kind -> Stream.of(
                        new Case(norm, kind, false, Layout.C),
                        new Case(norm, kind, false, Layout.F),
                        new Case(norm, kind, true, Layout.C))));
    }

    @ParameterizedTest
    @MethodSource("everyLayer")
    void inEitherKindOfNetwork(Case c) {
        for (Type type : Type.values()) {
            Model net = Networks.build(
                    type, Networks.configuration(DataType.DOUBLE), c.kind().inputType(), c.layers());
            Networks.perturbParameters(net);
            Gradients.assertAll(net, c.data());
        }
    }

    /** On one kind of each rank, and both places where channels can be. */
    static Stream<Case> everyOption() {
        List<Kind> kinds = List.of(Kind.FEED_FORWARD, Kind.RNN_NWC, Kind.CNN_NCHW, Kind.CNN_3D_NDHWC);
        return Arrays.stream(Norm.values())
                .flatMap(norm -> kinds.stream().filter(norm::suits).map(kind -> new Case(norm, kind, true, Layout.C)));
    }

    @ParameterizedTest
    @MethodSource("everyOption")
    void withRegularizationAndWithoutWorkspaces(Case c) {
        NeuralNetConfiguration.Builder configuration = Networks.configuration(DataType.DOUBLE)
                .l1(0.05)
                .l2(0.1)
                .l1Bias(0.02)
                .l2Bias(0.03)
                .trainingWorkspaceMode(WorkspaceMode.NONE);
        MultiLayerNetwork net = Networks.multiLayer(configuration, c.kind().inputType(), c.layers());
        Networks.perturbParameters(net);
        Gradients.assertAll(net, c.data());
    }
}
