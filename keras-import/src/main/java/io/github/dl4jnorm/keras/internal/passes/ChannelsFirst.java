package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Models whose convolutions have their channels first. DL4J takes the format of an input from the layer behind it, but
 * overlooks plain convolutions; and it reports activations of 3D convolutions as channels last. So inputs, and
 * normalization layers, are told.
 */
public final class ChannelsFirst {
    private static final String DATA_FORMAT = "data_format";
    private static final String CHANNELS_FIRST = "channels_first";
    private static final String SHAPE = "batch_input_shape";

    private ChannelsFirst() {}

    /** The rank of the activations of a class like Conv2D; that of flat ones if the name does not say. */
    private static int rank(String className) {
        for (int spatial = 1; spatial <= 3; spatial++) {
            if (className.contains(spatial + "D")) {
                return spatial + 2;
            }
        }
        return 2;
    }

    /**
     * Sets the format of inputs and normalization layers.
     *
     * @param graph a model; changed
     */
    public static void tellInputsAndNorms(ModelGraph graph) {
        // The ranks of the activations, batch included, of layers with channels first.
        Set<Integer> ranks = graph.layers().stream()
                .filter(layer -> CHANNELS_FIRST.equals(layer.config().get(DATA_FORMAT)))
                .map(layer -> rank(layer.className()))
                .collect(Collectors.toSet());
        for (LayerNode layer : graph.layers()) {
            Map<String, Object> config = layer.config();
            if (config.get(SHAPE) instanceof List<?> shape && ranks.contains(shape.size())) {
                config.put(DATA_FORMAT, CHANNELS_FIRST);
                config.put(SHAPE, asDl4jReads(shape));
            }
            if (ranks.contains(5) && OwnLayers.isNorm(layer.className())) {
                config.put(DATA_FORMAT, CHANNELS_FIRST);
            }
        }
    }

    /** DL4J reads the sizes of volumes with channels first as those of height, width, channels and depth. */
    private static List<?> asDl4jReads(List<?> shape) {
        return shape.size() == 5
                ? Arrays.asList(shape.get(0), shape.get(3), shape.get(4), shape.get(1), shape.get(2))
                : shape;
    }
}
