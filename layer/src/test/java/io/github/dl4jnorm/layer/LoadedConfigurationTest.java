package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
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
        return Stream.of(everyLayer, affine, some).flatMap(s -> s);
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @MethodSource("broken")
    void isRefusedWhenTheNetworkIsMade(Variants variant, String field, String value, String message) {
        FeedForwardLayer layer = variant.builder().name("norm").build();
        String json = Scenario.base(DataType.FLOAT, new Sgd(0.1))
                .list()
                .layer(layer)
                .setInputType(InputType.convolutional(4, 5, 6))
                .build()
                .toJson();
        String broken = json.replaceFirst("\"" + field + "\" : (\\[[^]]*\\]|[^,\\n]+)", "\"" + field + "\" : " + value);
        assertTrue(!json.equals(broken), json);
        MultiLayerConfiguration conf = MultiLayerConfiguration.fromJson(broken);
        String thrown = assertThrows(Exception.class, () -> new MultiLayerNetwork(conf).init())
                .getMessage();
        String kind = layer.getClass().getSimpleName();
        assertEquals(kind + " \"norm\"", thrown.substring(0, Math.min(thrown.length(), kind.length() + 7)), thrown);
        assertTrue(thrown.contains(message), thrown);
    }
}
