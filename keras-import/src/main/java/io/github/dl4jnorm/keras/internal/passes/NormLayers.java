package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.KerasNormLayer;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.internal.support.Shapes;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** Makes normalization layers those of this library. */
public final class NormLayers {
    private static final String TIME_DISTRIBUTED = "TimeDistributed";

    /** The rank of sequences, with the batch. */
    private static final int SEQUENCES = 3;

    private NormLayers() {}

    /**
     * Renames the classes of normalization layers, and tells each the shape of its input and the version of Keras.
     *
     * @param graph a model; changed
     * @param shapes Keras' shapes
     * @param notes where it is written down what is imported in another way
     * @throws UnsupportedKerasConfigurationException if a normalization is used twice, or is inside of a wrapper without
     *     which it computes something else
     */
    public static void rename(ModelGraph graph, Shapes shapes, Notes notes)
            throws UnsupportedKerasConfigurationException {
        boolean sequences = graph.layers().stream()
                .map(layer -> input(layer, shapes))
                .anyMatch(shape -> shape != null && shape.size() == SEQUENCES);
        for (LayerNode layer : graph.layers()) {
            LayerNode norm = norm(layer);
            if (norm == null) {
                continue;
            }
            refuseSharing(layer);
            if (norm != layer) {
                unwrap(layer, norm);
            }
            NormSettings.settle(layer, norm, notes);
            tellShape(norm.config(), input(layer, shapes), sequences);
            norm.config().put(KerasNormLayer.KERAS_VERSION, graph.fullVersion());
            norm.becomesOwn();
        }
    }

    /** The layer itself or the one that it wraps, whichever is a normalization; null if none is. */
    private static @Nullable LayerNode norm(LayerNode layer) {
        if (Kind.of(layer).isNorm()) {
            return layer;
        }
        return layer.wrapped().filter(inner -> Kind.of(inner).isNorm()).orElse(null);
    }

    private static void refuseSharing(LayerNode layer) throws UnsupportedKerasConfigurationException {
        if (layer.calls().size() > 1) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": used " + layer.calls().size()
                            + " times; layers of DL4J cannot share their parameters, so make one for each use");
        }
    }

    /**
     * A list says that the rank is known, something else that it is not. Without sequences in the model DL4J's rank is
     * right, and nothing needs to be said.
     */
    private static void tellShape(
            Map<String, @Nullable Object> settings, @Nullable List<@Nullable Integer> shape, boolean sequences) {
        if (shape != null) {
            settings.put(KerasNormLayer.INPUT_SHAPE, shape);
        } else if (sequences) {
            settings.put(KerasNormLayer.INPUT_SHAPE, "not known");
        }
    }

    private static @Nullable List<@Nullable Integer> input(LayerNode layer, Shapes shapes) {
        return layer.inputShape() != null ? layer.inputShape() : shapes.input(layer);
    }

    /** DL4J unwraps a TimeDistributed layer: what was an axis of a time step's is one further in all of them. */
    private static void unwrap(LayerNode layer, LayerNode inner) throws UnsupportedKerasConfigurationException {
        if (!TIME_DISTRIBUTED.equals(layer.className())) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": a " + inner.className() + " can be inside of TimeDistributed only");
        }
        inner.config().computeIfPresent("axis", (key, axis) -> plusOne(axis));
    }

    private static Object plusOne(Object axis) {
        if (axis instanceof List<?> axes) {
            return axes.stream().map(NormLayers::plusOne).toList();
        }
        return axis instanceof Integer i && i > 0 ? Integer.valueOf(i + 1) : axis;
    }
}
