package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** What no builder would let pass, but a file may hold: a network of it must not be made, and say which layer it is. */
class LoadedConfigurationTest {

    static Stream<Arguments> broken() {
        Stream<Arguments> everyLayer = Arrays.stream(Variants.values())
                .flatMap(variant -> Stream.of("-1.0", "\"NaN\"").map(eps -> Arguments.of(variant, "eps", eps, "eps")));
        Stream<Arguments> affine = Arrays.stream(Variants.values())
                .filter(variant -> variant.layer.get() instanceof AffineNormLayer)
                .map(variant -> Arguments.of(variant, "fusedActivation", "null", "a fused activation, got null"));
        Stream<Arguments> some = Stream.of(
                Arguments.of(Variants.BATCH_NORM, "decay", "7.0", "expected decay in [0, 1], got 7.0"),
                Arguments.of(Variants.BATCH_NORM, "decay", "\"NaN\"", "expected decay in [0, 1], got NaN"),
                Arguments.of(Variants.BATCH_NORM, "axes", "[1,2]", "expected one axis, got [1, 2]"),
                Arguments.of(Variants.BATCH_NORM, "axes", "[]", "expected one axis, got []"),
                Arguments.of(Variants.BATCH_NORM, "axes", "[9]", "axis 9 is out of range for rank 4"),
                Arguments.of(Variants.LAYER_NORM, "axes", "[1,9]", "axis 9 is out of range for rank 4"),
                Arguments.of(Variants.LAYER_NORM_LOCKED, "axes", "[9]", "axis 9 is out of range for rank 4"),
                Arguments.of(Variants.LAYER_NORM, "axes", "[0]", "cannot use axis 0, the batch"),
                Arguments.of(Variants.LAYER_NORM_LOCKED, "axes", "[0]", "cannot use axis 0, the batch"),
                Arguments.of(Variants.LAYER_NORM, "axes", "[]", "at least one axis"),
                Arguments.of(Variants.LAYER_NORM, "axes", "[1,1]", "axis 1 is repeated"),
                Arguments.of(Variants.RMS_NORM, "axes", "[-5]", "axis -5 is out of range for rank 4"),
                Arguments.of(Variants.SUM_NORM, "axes", "[9]", "axis 9 is out of range for rank 4"),
                Arguments.of(Variants.UNIT_NORM, "axes", "[9]", "axis 9 is out of range for rank 4"),
                Arguments.of(Variants.SUM_NORM, "axes", "[]", "at least one axis"),
                Arguments.of(Variants.GROUP_NORM, "groups", "0", "expected groups > 0, got 0"),
                Arguments.of(Variants.GROUP_NORM, "groups", "-2", "expected groups > 0, got -2"),
                Arguments.of(Variants.GROUP_NORM, "groups", "4", "groups that divides the 6 channels, got 4"));
        Stream<Arguments> sizes = Arrays.stream(Variants.values())
                .filter(variant -> !(variant.layer.get() instanceof GroupNorm))
                .flatMap(variant -> Stream.of(
                        Arguments.of(variant, "nout", "-3", "expected nIn > 0, got -3"),
                        Arguments.of(variant, "inputShape", "[6]", "got shape [6]"),
                        Arguments.of(variant, "inputFormat", "\"NWC\"", "for data format NWC, got shape")));
        Stream<Arguments> constants = Arrays.stream(Variants.values())
                .filter(variant -> variant.layer.get() instanceof AffineNormLayer)
                .flatMap(variant -> Stream.of(
                        Arguments.of(variant, "gamma", "\"NaN\"", "expected a finite gamma, got NaN"),
                        Arguments.of(variant, "beta", "\"-Infinity\"", "expected a finite beta, got -Infinity")));
        return Stream.of(everyLayer, affine, some, sizes, constants).flatMap(s -> s);
    }

    /** How a configuration gets from a file into a network. */
    private enum Way {
        JSON,
        YAML,
        JSON_OF_A_GRAPH,
        YAML_OF_A_GRAPH,
        INSIDE_A_FROZEN_LAYER;

        private boolean yaml() {
            return this == YAML || this == YAML_OF_A_GRAPH;
        }

        private boolean graph() {
            return this == JSON_OF_A_GRAPH || this == YAML_OF_A_GRAPH;
        }

        String text(FeedForwardLayer layer) {
            NeuralNetConfiguration.Builder base = Scenario.base(DataType.FLOAT, new Sgd(0.1));
            InputType images = InputType.convolutional(4, 5, 6);
            if (graph()) {
                ComputationGraphConfiguration conf = base.graphBuilder()
                        .addInputs("in")
                        .setInputTypes(images)
                        .addLayer("norm", layer, "in")
                        .setOutputs("norm")
                        .build();
                return yaml() ? conf.toYaml() : conf.toJson();
            }
            FrozenLayer frozen = new FrozenLayer(layer);
            // DL4J hands the name of the wrapper on.
            frozen.setLayerName("norm");
            MultiLayerConfiguration conf = base.list()
                    .layer(this == INSIDE_A_FROZEN_LAYER ? frozen : layer)
                    .setInputType(images)
                    .build();
            return yaml() ? conf.toYaml() : conf.toJson();
        }

        void makeNetwork(String text) {
            if (graph()) {
                new ComputationGraph(
                                yaml()
                                        ? ComputationGraphConfiguration.fromYaml(text)
                                        : ComputationGraphConfiguration.fromJson(text))
                        .init();
            } else {
                new MultiLayerNetwork(
                                yaml()
                                        ? MultiLayerConfiguration.fromYaml(text)
                                        : MultiLayerConfiguration.fromJson(text))
                        .init();
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @MethodSource("broken")
    void isRefusedWhenTheNetworkIsMade(Variants variant, String field, String value, String message) {
        FeedForwardLayer layer = variant.builder().name("norm").build();
        for (Way way : Way.values()) {
            String sound = way.text(layer);
            // In YAML, lists go over several lines, each with a dash; what is written here is YAML too.
            String broken = sound.replaceFirst(
                    way.yaml()
                            ? "(?m)^( *)" + field + ": .*(\\R *- .*)*|^( *)" + field + ":(\\R *- .*)+"
                            : "\"" + field + "\" : (\\[[^]]*\\]|[^,\\n]+)",
                    way.yaml() ? "$1$3" + field + ": " + value : "\"" + field + "\" : " + value);
            assertNotEquals(sound, broken);
            String thrown = assertThrows(Exception.class, () -> way.makeNetwork(broken), way + ": nothing thrown")
                    .getMessage();
            String kind = layer.getClass().getSimpleName();
            assertEquals(
                    kind + " \"norm\"",
                    thrown.substring(0, Math.min(thrown.length(), kind.length() + 7)),
                    way + ": " + thrown);
            assertTrue(thrown.contains(message), way + ": " + thrown);
        }
    }

    @ParameterizedTest
    @MethodSource("brokenBuilders")
    void isRefusedByTheBuilderToo(NormLayer.Builder<?> builder, String message) {
        String thrown =
                assertThrows(Exception.class, builder.name("norm")::build).getMessage();
        assertTrue(thrown.contains(" \"norm\": " + message), thrown);
    }

    static Stream<Arguments> brokenBuilders() {
        return Stream.of(
                Arguments.of(new BatchNorm.Builder().gamma(Double.NaN), "expected a finite gamma, got NaN"),
                Arguments.of(
                        new LayerNorm.Builder().beta(Double.NEGATIVE_INFINITY),
                        "expected a finite beta, got -Infinity"),
                Arguments.of(new BatchNorm.Builder().decay(Double.NaN), "expected decay in [0, 1], got NaN"),
                Arguments.of(new UnitNorm.Builder().nIn(-3), "expected nOut = nIn > 0, got nIn -3, nOut 0"));
    }
}
