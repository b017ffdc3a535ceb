package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.Penalty;
import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.internal.support.Table;
import io.github.dl4jnorm.keras.report.Status;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Regularizers and constraints of DL4J's layers. They change nothing in inference, so they are left out, unless the
 * training configuration is wanted: then those that DL4J has are put in the words that its importer reads, and the others
 * refused. Those of normalization layers are not this class's.
 */
public final class Penalties {
    private static final List<String> KINDS = List.of("_regularizer", "_constraint");
    private static final String KERNEL_REGULARIZER = "kernel_regularizer";
    private static final String KERNEL_CONSTRAINT = "kernel_constraint";

    /** A layer that does nothing else. */
    private static final String PENALTY_ONLY = "ActivityRegularization";

    private Penalties() {}

    /**
     * Leaves regularizers and constraints out.
     *
     * @param graph a model; changed
     * @param notes where each is written down
     */
    public static void leaveOut(ModelGraph graph, Notes notes) {
        for (LayerNode layer : graph.layers()) {
            if (PENALTY_ONLY.equals(layer.className())) {
                notes.add(layer, Status.LEFT_OUT, "it matters in training only");
                layer.becomes("Activation");
                layer.config().put("activation", "linear");
            }
            for (String name : set(layer)) {
                layer.config().put(name, null);
                notes.add(layer, Status.LEFT_OUT, name + ": it matters in training only");
            }
            layer.wrapped().ifPresent(inner -> set(inner)
                    .forEach(name -> inner.config().put(name, null)));
        }
    }

    /**
     * Puts regularizers and constraints in DL4J's words.
     *
     * @param graph a model; changed
     * @param notes where each is written down
     * @throws UnsupportedKerasConfigurationException if DL4J has none that trains alike
     */
    public static void translate(ModelGraph graph, Notes notes) throws UnsupportedKerasConfigurationException {
        for (LayerNode layer : graph.layers()) {
            if (PENALTY_ONLY.equals(layer.className())) {
                throw refusal(layer, "l1, l2", layer.config());
            }
            for (String name : set(layer)) {
                Object value = layer.config().get(name);
                if (KERNEL_REGULARIZER.equals(name) && Table.hasPenalty(layer)) {
                    layer.config().put(name, penalty(layer, value));
                    notes.add(layer, Status.REPAIRED, name + ": DL4J's l2 is twice Keras'");
                } else if (!(KERNEL_CONSTRAINT.equals(name)
                        && "Dense".equals(layer.className())
                        && isNonNegative(value))) {
                    throw refusal(layer, name, value);
                }
            }
            if (layer.wrapped().isPresent()) {
                LayerNode inner = layer.wrapped().get();
                for (String name : set(inner)) {
                    throw refusal(layer, name, inner.config().get(name));
                }
            }
        }
    }

    /** The names of the regularizers and constraints that are set. */
    private static List<String> set(LayerNode layer) {
        if (Kind.of(layer).isNorm()) {
            return List.of();
        }
        return layer.config().entrySet().stream()
                .filter(setting -> setting.getValue() != null && KINDS.stream().anyMatch(setting.getKey()::endsWith))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** In the words of DL4J's importer, which wants both factors as decimal numbers. */
    private static Map<String, @Nullable Object> penalty(LayerNode layer, @Nullable Object value)
            throws UnsupportedKerasConfigurationException {
        Penalty penalty = Penalty.of(value).orElseThrow(() -> refusal(layer, KERNEL_REGULARIZER, value));
        return Map.of("class_name", "L1L2", "config", Map.of("l1", penalty.l1(), "l2", penalty.dl4jL2()));
    }

    private static boolean isNonNegative(@Nullable Object constraint) {
        Map<String, @Nullable Object> object = Json.object(constraint);
        return object != null && "NonNeg".equals(object.get("class_name"));
    }

    private static UnsupportedKerasConfigurationException refusal(
            LayerNode layer, String name, @Nullable Object value) {
        return new UnsupportedKerasConfigurationException(layer + ": " + name + " = " + value
                + ": DL4J would not train it alike; import the model without its training configuration");
    }
}
