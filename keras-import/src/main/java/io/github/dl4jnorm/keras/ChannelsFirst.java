package io.github.dl4jnorm.keras;

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
final class ChannelsFirst {
    private static final String DATA_FORMAT = "data_format";
    private static final String CHANNELS_FIRST = "channels_first";
    private static final String SHAPE = "batch_input_shape";

    private final List<Map<String, Object>> layers;

    /** The ranks of the activations, batch included, of layers with channels first. */
    private final Set<Integer> ranks;

    ChannelsFirst(List<Map<String, Object>> layers) {
        this.layers = layers;
        ranks = layers.stream()
                .filter(layer -> CHANNELS_FIRST.equals(config(layer).get(DATA_FORMAT)))
                .map(layer -> rank(String.valueOf(layer.get("class_name"))))
                .collect(Collectors.toSet());
    }

    private static Map<String, Object> config(Map<String, Object> layer) {
        return layer.get("config") instanceof Map<?, ?> config ? ModelConfig.mutable(config) : Map.of();
    }

    /** The rank of the activations of a class like Conv2D; that of flat ones if the name does not say. */
    private static int rank(String className) {
        for (int spatial = 1; spatial <= 3; spatial++) {
            if (className.contains(spatial + "D")) {
                return spatial + 2;
            }
        }
        return 2;
    }

    void tellInputsAndNorms() {
        for (Map<String, Object> layer : layers) {
            Map<String, Object> config = config(layer);
            boolean input = config.get(SHAPE) instanceof List<?> shape && ranks.contains(shape.size());
            if (input && config.get(SHAPE) instanceof List<?> shape) {
                config.put(DATA_FORMAT, CHANNELS_FIRST);
                config.put(SHAPE, asDl4jReads(shape));
            }
            if (ranks.contains(5) && KerasNorms.isNorm(layer.get("class_name"))) {
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
