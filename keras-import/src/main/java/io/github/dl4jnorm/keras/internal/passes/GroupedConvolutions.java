package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.support.Shapes;
import io.github.dl4jnorm.keras.report.Status;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions with a group for each channel, as ConvNeXt has: depthwise convolutions by another name. DL4J has no other
 * groups.
 */
public final class GroupedConvolutions {
    private static final String KERNEL = "kernel_";
    private static final List<String> ENDINGS = List.of("initializer", "regularizer", "constraint");

    private GroupedConvolutions() {}

    /**
     * Makes convolutions with a group for each channel depthwise ones.
     *
     * @param graph a model; changed
     * @param notes where each is written down
     */
    public static void becomeDepthwise(ModelGraph graph, Notes notes) {
        Shapes shapes = null;
        for (LayerNode layer : graph.layers()) {
            Map<String, @Nullable Object> config = layer.config();
            if ("Conv2D".equals(layer.className())
                    && config.get("groups") instanceof Integer groups
                    && groups > 1
                    && config.get("filters") instanceof Integer filters
                    && filters % groups == 0
                    && "channels_last".equals(config.get("data_format"))) {
                shapes = shapes == null ? new Shapes(graph) : shapes;
                List<@Nullable Integer> input = shapes.input(layer);
                if (input != null && groups.equals(input.get(input.size() - 1))) {
                    config.remove("groups");
                    config.remove("filters");
                    config.put("depth_multiplier", filters / groups);
                    for (String ending : ENDINGS) {
                        config.put("depthwise_" + ending, config.remove(KERNEL + ending));
                    }
                    layer.becomes("DepthwiseConv2D");
                    notes.add(layer, Status.REPAIRED, "a group for each channel: a depthwise convolution");
                }
            }
        }
    }
}
