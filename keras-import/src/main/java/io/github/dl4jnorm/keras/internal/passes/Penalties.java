package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.model.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

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

    /** The layers whose kernel's penalty was compared with Keras. */
    private static final Set<String> PENALIZED = Set.of("Dense", "Conv1D", "Conv2D", "Conv3D");

    /** What a string stands for: Keras' own factors. */
    private static final Map<String, Map<String, Object>> BY_NAME = Map.of(
            "l1", Map.of("l1", 0.01),
            "l2", Map.of("l2", 0.01),
            "l1_l2", Map.of("l1", 0.01, "l2", 0.01));

    private static final Map<String, List<String>> FACTORS =
            Map.of("L1", List.of("l1"), "L2", List.of("l2"), "L1L2", List.of("l1", "l2"));

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
                if (KERNEL_REGULARIZER.equals(name) && PENALIZED.contains(layer.className())) {
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
        if (OwnLayers.isNorm(OwnLayers.kerasName(layer.className()))) {
            return List.of();
        }
        return layer.config().entrySet().stream()
                .filter(setting -> setting.getValue() != null && KINDS.stream().anyMatch(setting.getKey()::endsWith))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** λ₁·Σ|w| + λ₂·Σw²; DL4J's importer wants both as decimal numbers, and DL4J's penalty has λ₂/2. */
    private static Map<String, Object> penalty(LayerNode layer, Object value)
            throws UnsupportedKerasConfigurationException {
        Map<String, Object> regularizer = Json.object(value);
        Map<String, Object> factors;
        if (regularizer == null) {
            factors = BY_NAME.get(String.valueOf(value));
        } else if (regularizer.containsKey("class_name")) {
            List<String> known = FACTORS.get(String.valueOf(regularizer.get("class_name")));
            factors = known == null ? null : Json.object(regularizer.get("config"));
        } else {
            factors = regularizer; // Keras 1
        }
        if (factors == null || !factors.values().stream().allMatch(Penalties::isNumberOrName)) {
            throw refusal(layer, KERNEL_REGULARIZER, value);
        }
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("l1", number(factors.get("l1")));
        config.put("l2", 2 * number(factors.get("l2")));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("class_name", "L1L2");
        result.put("config", config);
        return result;
    }

    private static boolean isNumberOrName(Object factor) {
        return factor instanceof Number || factor instanceof String;
    }

    private static double number(Object factor) {
        return factor instanceof Number number ? number.doubleValue() : 0;
    }

    private static boolean isNonNegative(Object constraint) {
        Map<String, Object> object = Json.object(constraint);
        return object != null && "NonNeg".equals(object.get("class_name"));
    }

    private static UnsupportedKerasConfigurationException refusal(LayerNode layer, String name, Object value) {
        return new UnsupportedKerasConfigurationException(layer + ": " + name + " = " + value
                + ": DL4J would not train it alike; import the model without its training configuration");
    }
}
