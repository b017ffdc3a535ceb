package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.KerasScaleShift;
import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.Status;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts layers that copy where DL4J takes two for one.
 *
 * <ul>
 *   <li>DL4J's activation layers write over what goes in, which behind an input is the caller's array, and that of other
 *       layers; dropouts hand it on, where a layer's workspace is expected.
 *   <li>Of two preprocessors in a row, in a sequential model, DL4J drops the first.
 * </ul>
 */
public final class Copies {
    /** Layers whose output is the memory of the input, seen in another way. */
    private static final Set<String> VIEWS = Set.of("Flatten", "Reshape", "Permute");

    /** Layers that write over their input, or hand it on. */
    private static final Set<String> IN_PLACE = Set.of(
            "Activation",
            "ReLU",
            "LeakyReLU",
            "ELU",
            "Softmax",
            "ThresholdedReLU",
            "Dropout",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "AlphaDropout",
            "GaussianDropout",
            "GaussianNoise");

    private Copies() {}

    /**
     * Inserts layers.
     *
     * @param graph a model; changed
     * @param notes gets where a copy was put
     */
    public static void insert(ModelGraph graph, Notes notes) {
        for (LayerNode layer : List.copyOf(graph.layers())) {
            if ("InputLayer".equals(layer.className()) && isWrittenOver(graph, layer)) {
                copyBehind(graph, layer);
                notes.add(layer, Status.REPAIRED, "copied, because DL4J's activation layers write over what goes in");
            } else if (graph.isSequential()
                    && is(VIEWS, layer)
                    && graph.consumers(layer).stream().anyMatch(next -> is(VIEWS, next))) {
                copyBehind(graph, layer);
                notes.add(layer, Status.REPAIRED, "copied, because of two such layers in a row DL4J drops the first");
            }
        }
    }

    private static boolean is(Set<String> classNames, LayerNode layer) {
        return classNames.contains(
                OwnLayers.kerasName(layer.wrapped().map(LayerNode::className).orElse(layer.className())));
    }

    private static boolean isWrittenOver(ModelGraph graph, LayerNode layer) {
        return graph.consumers(layer).stream()
                .anyMatch(next -> is(IN_PLACE, next) || is(VIEWS, next) && isWrittenOver(graph, next));
    }

    private static void copyBehind(ModelGraph graph, LayerNode layer) {
        StringBuilder name = new StringBuilder(layer.name()).append("_copy");
        while (graph.layer(name.toString()).isPresent()) {
            name.append('_');
        }
        graph.insertBehind(
                layer,
                OwnLayers.ownName(KerasScaleShift.ARITHMETIC),
                Map.of(
                        "name",
                        name.toString(),
                        KerasScaleShift.CENTER,
                        List.of(0),
                        KerasScaleShift.SCALE,
                        List.of(1),
                        KerasScaleShift.SHIFT,
                        List.of(0)));
    }
}
