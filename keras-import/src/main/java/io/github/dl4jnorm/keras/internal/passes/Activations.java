package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.Notes;
import io.github.dl4jnorm.keras.internal.support.ActivationNames;
import io.github.dl4jnorm.keras.internal.support.Table;
import io.github.dl4jnorm.keras.network.KerasActivation;
import io.github.dl4jnorm.keras.network.KerasActivation.Function;
import io.github.dl4jnorm.keras.report.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;

/**
 * Activation functions that DL4J's importer does not know, or takes for others. A layer with one is handed to it as
 * linear, and the function set on what comes out.
 */
public final class Activations {
    private static final String ACTIVATION = "activation";

    /** The functions that DL4J's importer knows, and computes as Keras does. */
    private static final Set<String> KNOWN = ActivationNames.DL4J;

    private static final Map<String, IActivation> OTHERS = Map.ofEntries(
            Map.entry("gelu", new KerasActivation(Function.GELU)),
            Map.entry("hard_silu", new KerasActivation(Function.HARD_SILU)),
            Map.entry("hard_swish", new KerasActivation(Function.HARD_SILU)),
            Map.entry("exponential", new KerasActivation(Function.EXPONENTIAL)),
            Map.entry("log_sigmoid", new KerasActivation(Function.LOG_SIGMOID)),
            Map.entry("mish", new ActivationMish()),
            Map.entry("leaky_relu", new ActivationLReLU(0.2)),
            Map.entry("celu", new ActivationELU(1)),
            Map.entry("hard_tanh", new ActivationHardTanH()));

    private Activations() {}

    /**
     * Takes activation functions out of a model.
     *
     * @param graph a model; changed
     * @param notes where each is written down
     * @return by the name of a layer, the function to set on it
     * @throws UnsupportedKerasConfigurationException if there is no function with the same numbers
     */
    public static Map<String, IActivation> takeOut(ModelGraph graph, Notes notes)
            throws UnsupportedKerasConfigurationException {
        Map<String, IActivation> result = new HashMap<>();
        for (LayerNode layer : graph.layers()) {
            LayerNode acting = "TimeDistributed".equals(layer.className())
                    ? layer.wrapped().orElse(layer)
                    : layer;
            if (Table.hasActivation(acting)) {
                takeOut(graph.version(), layer, acting.config(), result, notes);
            } else if (acting.config().get(ACTIVATION) instanceof String name) {
                acting.config().put(ACTIVATION, asDl4jSays(name));
            }
        }
        return result;
    }

    private static void takeOut(
            int version,
            LayerNode layer,
            Map<String, @Nullable Object> config,
            Map<String, IActivation> result,
            Notes notes)
            throws UnsupportedKerasConfigurationException {
        if (config.get(ACTIVATION) == null) {
            return;
        }
        String name = asDl4jSays(name(config.get(ACTIVATION)));
        if (KNOWN.contains(name) || version < 3 && "hard_sigmoid".equals(name)) {
            config.put(ACTIVATION, name);
            return;
        }
        IActivation function =
                "hard_sigmoid".equals(name) ? new KerasActivation(Function.HARD_SIGMOID) : OTHERS.get(name);
        if (function == null) {
            throw new UnsupportedKerasConfigurationException(layer + ": activation = " + config.get(ACTIVATION)
                    + ": DL4J has no such function; expected one of " + ActivationNames.all());
        }
        config.put(ACTIVATION, "linear");
        result.put(layer.name(), function);
        notes.add(layer, Status.REPAIRED, "activation " + name + " as " + function);
    }

    /** DL4J's word for a function; functions of other names are not changed. */
    private static String asDl4jSays(String name) {
        return "silu".equals(name) ? "swish" : name;
    }

    /** The name of a function, which Keras writes as such or as an object. */
    private static String name(@Nullable Object activation) {
        Map<String, @Nullable Object> object = Json.object(activation);
        return object != null && "function".equals(object.get("class_name"))
                ? String.valueOf(object.get("config"))
                : String.valueOf(activation);
    }
}
