package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.KerasDepthwise;
import io.github.dl4jnorm.keras.internal.layers.KerasImageDense;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.internal.support.Shapes;
import io.github.dl4jnorm.keras.report.Status;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts mended layers, and settings that DL4J gets right, where DL4J's importer would get something wrong. */
public final class Repairs {
    private static final String DENSE = "Dense";
    private static final String UNROLL = "unroll";
    private static final String ACTIVATION = "Activation";
    private static final int SEQUENCES = 3;
    private static final int IMAGES = 4;

    private Repairs() {}

    /**
     * Changes layers.
     *
     * @param graph a model; changed
     * @param shapes its shapes
     * @param notes gets what was changed
     */
    public static void apply(ModelGraph graph, Shapes shapes, Notes notes) {
        for (LayerNode layer : List.copyOf(graph.layers())) {
            List<@Nullable Integer> shape = shapes.input(layer);
            if (shape != null && shape.size() == SEQUENCES) {
                unwrapDense(layer);
                if (DENSE.equals(layer.className())) {
                    become(layer, notes, "at each time step; DL4J would make one row of each");
                }
            }
            if ("DepthwiseConv2D".equals(layer.className()) && shape != null && shape.get(shape.size() - 1) != null) {
                layer.config().put(KerasDepthwise.CHANNELS, shape.get(shape.size() - 1));
                become(layer, notes, "told the number of channels, which DL4J does not find");
            }
            if ("Reshape".equals(layer.className())) {
                completeTarget(layer, shapes.output(layer), notes);
            }
            if (Kind.of(layer) == Kind.NOTHING) {
                layer.config().put("activation", "linear");
                layer.becomes(ACTIVATION);
            }
            if (DENSE.equals(layer.className()) && shape != null && shape.size() == IMAGES) {
                becomeConvolution(layer, notes);
            }
            if ("Bidirectional".equals(layer.className())) {
                become(layer, notes, "told the length of the sequences");
            }
            if ("UpSampling2D".equals(layer.className())) {
                become(layer, notes, "told where the channels are");
            }
            keepFromTheEnd(graph, layer);
            rollUp(layer);
        }
    }

    private static void becomeConvolution(LayerNode layer, Notes notes) {
        Map<String, @Nullable Object> config = layer.config();
        config.put("filters", config.get("units"));
        config.put("kernel_size", List.of(1, 1));
        config.put("strides", List.of(1, 1));
        config.put("dilation_rate", List.of(1, 1));
        config.put("padding", "valid");
        config.put("data_format", "channels_last");
        notes.add(layer, Status.REPAIRED, "a convolution with a kernel of 1; DL4J would flatten the images");
        layer.becomes(OwnName.of(KerasImageDense.NAME));
    }

    private static void become(LayerNode layer, Notes notes, String text) {
        notes.add(layer, Status.REPAIRED, text);
        layer.becomesOwn();
    }

    /** DL4J's TimeDistributed cannot be the last layer of a graph in inference, and preprocessors cannot at all. */
    private static void keepFromTheEnd(ModelGraph graph, LayerNode layer) {
        boolean notLast = Kind.of(layer) == Kind.VIEW || OwnName.of(DENSE).equals(layer.className());
        if (notLast && graph.consumers(layer).isEmpty()) {
            graph.insertBehind(layer, ACTIVATION, Map.of("name", layer.name() + "_output", "activation", "linear"));
        }
    }

    /** TimeDistributed(Dense) on sequences is Dense. */
    private static void unwrapDense(LayerNode layer) {
        if ("TimeDistributed".equals(layer.className())) {
            layer.wrapped().filter(inner -> DENSE.equals(inner.className())).ifPresent(inner -> {
                String name = layer.name();
                layer.config().remove("layer");
                layer.config().putAll(inner.config());
                layer.config().put("name", name);
                layer.becomes(DENSE);
            });
        }
    }

    /** DL4J does not compute the size that Keras calls -1. */
    private static void completeTarget(LayerNode layer, @Nullable List<@Nullable Integer> shape, Notes notes) {
        boolean open = layer.config().get("target_shape") instanceof List<?> target && target.contains(-1);
        if (open && shape != null && !shape.subList(1, shape.size()).contains(null)) {
            layer.config().put("target_shape", shape.subList(1, shape.size()));
            notes.add(layer, Status.REPAIRED, "told the size of every axis");
        }
    }

    /** How Keras computes it changes nothing; DL4J would truncate backpropagation. */
    private static void rollUp(LayerNode layer) {
        roll(layer.config());
        layer.wrapped().ifPresent(inner -> roll(inner.config()));
    }

    private static void roll(Map<String, @Nullable Object> config) {
        config.replace(UNROLL, Boolean.FALSE);
    }
}
