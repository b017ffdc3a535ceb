package io.github.dl4jnorm.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;

/** What is done to a new network's settings leaves the network that it was made from as it was. */
class IndependenceTest {
    private static List<Layer> layers() {
        return List.of(
                new FrozenLayerWithBackprop(convolution()),
                new FrozenLayer(new FrozenLayer(new BatchNormalization.Builder().build())),
                convolution(),
                new BatchNormalization.Builder().build(),
                Nets.output());
    }

    private static Layer convolution() {
        return new ConvolutionLayer.Builder(2, 2)
                .nOut(4)
                .activation(Activation.IDENTITY)
                .build();
    }

    static Stream<Arguments> ofChains() {
        UnaryOperator<MultiLayerNetwork> replace =
                network -> BatchNormReplacement.replace(network).network();
        UnaryOperator<MultiLayerNetwork> restore =
                network -> BatchNormReplacement.restore(network).network();
        UnaryOperator<MultiLayerNetwork> fold =
                network -> BatchNormFolding.fold(network).network();
        return Stream.of(
                Arguments.of(Named.of("replace", replace)),
                Arguments.of(Named.of("restore", restore)),
                Arguments.of(Named.of("fold", fold)));
    }

    @ParameterizedTest
    @MethodSource("ofChains")
    void chains(UnaryOperator<MultiLayerNetwork> rewriting) {
        for (MultiLayerNetwork original : List.of(
                Nets.chain(Nets.base(), Nets.IMAGES, layers()),
                BatchNormReplacement.replace(Nets.chain(Nets.base(), Nets.IMAGES, layers()))
                        .network())) {
            String before = original.getLayerWiseConfigurations().toJson();
            MultiLayerNetwork made = rewriting.apply(original);
            made.setLearningRate(0.625);
            made.getLayerWiseConfigurations().getConfs().forEach(conf -> changeUpdater(conf.getLayer()));
            assertEquals(before, original.getLayerWiseConfigurations().toJson());
            assertNotEquals(before, made.getLayerWiseConfigurations().toJson());
        }
    }

    static Stream<Arguments> ofGraphs() {
        UnaryOperator<ComputationGraph> replace =
                network -> BatchNormReplacement.replace(network).network();
        UnaryOperator<ComputationGraph> restore =
                network -> BatchNormReplacement.restore(network).network();
        UnaryOperator<ComputationGraph> fold =
                network -> BatchNormFolding.fold(network).network();
        return Stream.of(
                Arguments.of(Named.of("replace", replace)),
                Arguments.of(Named.of("restore", restore)),
                Arguments.of(Named.of("fold", fold)));
    }

    @ParameterizedTest
    @MethodSource("ofGraphs")
    void graphs(UnaryOperator<ComputationGraph> rewriting) {
        for (ComputationGraph original : List.of(
                Nets.graph(Nets.base(), Nets.IMAGES, layers()),
                BatchNormReplacement.replace(Nets.graph(Nets.base(), Nets.IMAGES, layers()))
                        .network())) {
            String before = original.getConfiguration().toJson();
            ComputationGraph made = rewriting.apply(original);
            made.setLearningRate(0.625);
            assertEquals(before, original.getConfiguration().toJson());
            assertNotEquals(before, made.getConfiguration().toJson());
        }
    }

    /** Also inside wrappers, where DL4J's own setter does not look. */
    private static void changeUpdater(Layer layer) {
        Layer inner = Wrappers.inner(layer);
        if (inner != null) {
            changeUpdater(inner);
        } else if (layer instanceof BaseLayer base) {
            base.getIUpdater().setLrAndSchedule(0.75, null);
        }
    }
}
