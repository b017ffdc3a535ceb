package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.KerasScaleShift;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.report.Status;
import java.util.List;
import java.util.Map;

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
    private Copies() {}

    /**
     * Inserts layers.
     *
     * @param graph a model; changed
     * @param notes gets where a copy was put
     */
    public static void insert(ModelGraph graph, Notes notes) {
        for (LayerNode layer : List.copyOf(graph.layers())) {
            if (Kind.of(layer) == Kind.INPUT && isWrittenOver(graph, layer)) {
                copyBehind(graph, layer);
                notes.add(layer, Status.REPAIRED, "copied, because DL4J's activation layers write over what goes in");
            } else if (graph.isSequential()
                    && kind(layer) == Kind.VIEW
                    && graph.consumers(layer).stream().anyMatch(next -> kind(next) == Kind.VIEW)) {
                copyBehind(graph, layer);
                notes.add(layer, Status.REPAIRED, "copied, because of two such layers in a row DL4J drops the first");
            }
        }
    }

    private static Kind kind(LayerNode layer) {
        return Kind.of(layer.wrapped().orElse(layer));
    }

    private static boolean isWrittenOver(ModelGraph graph, LayerNode layer) {
        return graph.consumers(layer).stream()
                .anyMatch(next -> kind(next).isInPlace() || kind(next) == Kind.VIEW && isWrittenOver(graph, next));
    }

    private static void copyBehind(ModelGraph graph, LayerNode layer) {
        StringBuilder name = new StringBuilder(layer.name()).append("_copy");
        while (graph.layer(name.toString()).isPresent()) {
            name.append('_');
        }
        graph.insertBehind(
                layer,
                OwnName.of(KerasScaleShift.RESCALING),
                Map.of("name", name.toString(), KerasScaleShift.SCALE, List.of(1), KerasScaleShift.OFFSET, List.of(0)));
    }
}
