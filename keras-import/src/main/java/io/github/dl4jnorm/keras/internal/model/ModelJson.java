package io.github.dl4jnorm.keras.internal.model;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** Checks that JSON is a model: whoever walks through it can then rely on classes, names and lists being there. */
public final class ModelJson {
    private static final String CLASS_NAME = "class_name";
    private static final String CONFIG = "config";
    private static final String LAYERS = "layers";
    private static final String NAME = "name";

    private ModelJson() {}

    /**
     * Checks a model, and the models inside it.
     *
     * @param root a model's JSON
     * @return the same
     * @throws InvalidKerasConfigurationException if something is missing or of another type, or two layers have one name
     */
    public static Map<String, @Nullable Object> checked(Map<String, @Nullable Object> root)
            throws InvalidKerasConfigurationException {
        text(root, CLASS_NAME, "the model");
        for (String key : List.of("keras_version", "backend")) {
            if (root.get(key) != null) {
                text(root, key, "the model");
            }
        }
        layers(root.get(CONFIG), "the model", "Sequential".equals(root.get(CLASS_NAME)));
        return root;
    }

    private static void layers(@Nullable Object config, String where, boolean mayBeList)
            throws InvalidKerasConfigurationException {
        Map<String, @Nullable Object> settings = Json.object(config);
        Object layers = mayBeList && config instanceof List ? config : settings == null ? null : settings.get(LAYERS);
        if (!(layers instanceof List<?> list)) {
            throw expected("a list " + LAYERS + " in the " + CONFIG, where, layers);
        }
        if (list.isEmpty()) {
            throw new InvalidKerasConfigurationException(where + ": expected layers, got none");
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < list.size(); i++) {
            String at = "layer " + i + " of " + where;
            String name = layer(Json.object(list.get(i)), at, list.get(i));
            if (!names.add(name)) {
                throw new InvalidKerasConfigurationException(
                        where + ": expected layers of different names, got two \"" + name + "\"");
            }
        }
        if (settings != null) {
            for (String key : List.of("input_layers", "output_layers")) {
                if (settings.get(key) instanceof Map) {
                    throw expected(
                            "a list; in Keras, make the Model of lists, not of dicts",
                            where + ", " + key,
                            settings.get(key));
                }
                references(settings.get(key), where + ", " + key, names);
            }
        }
    }

    /** Checks a layer and says its name. */
    private static String layer(@Nullable Map<String, @Nullable Object> layer, String at, @Nullable Object value)
            throws InvalidKerasConfigurationException {
        if (layer == null) {
            throw expected("an object", at, value);
        }
        String className = text(layer, CLASS_NAME, at);
        Map<String, @Nullable Object> config = Json.object(layer.get(CONFIG));
        if (config == null && !(layer.get(CONFIG) instanceof List)) {
            throw expected("an object " + CONFIG, at + ", " + className, layer.get(CONFIG));
        }
        String name = text(config == null || config.get(NAME) == null ? layer : config, NAME, at + ", " + className);
        if (layer.get(NAME) != null && !name.equals(layer.get(NAME))) {
            throw expected(NAME + " \"" + name + "\" as in its " + CONFIG, at, layer.get(NAME));
        }
        Object calls = layer.get("inbound_nodes");
        if (calls != null && !(calls instanceof List)) {
            throw expected("a list inbound_nodes", at + ", " + className + " \"" + name + "\"", calls);
        }
        if (config == null || config.get(LAYERS) instanceof List) {
            layers(layer.get(CONFIG), className + " \"" + name + "\"", true);
        }
        return name;
    }

    /** [layer, call, output], or a list of them; anything deeper is left to those who read it. */
    private static void references(@Nullable Object value, String where, Set<String> names)
            throws InvalidKerasConfigurationException {
        if (value instanceof List<?> list && !list.isEmpty()) {
            if (list.get(0) instanceof String name) {
                if (!names.contains(name)) {
                    throw expected("the name of a layer", where, name);
                }
            } else {
                for (Object each : list) {
                    references(each, where, names);
                }
            }
        }
    }

    /**
     * Checks that what goes into layers comes from layers.
     *
     * @param graph a model
     * @return the same
     * @throws InvalidKerasConfigurationException if a call is on an output that no layer has, or on none
     */
    public static ModelGraph connected(ModelGraph graph) throws InvalidKerasConfigurationException {
        Set<String> names = graph.layers().stream().map(LayerNode::name).collect(Collectors.toSet());
        for (LayerNode layer : graph.layers()) {
            boolean input = "InputLayer".equals(layer.className()) || graph.isSequential();
            if (!input && layer.calls().isEmpty()) {
                throw new InvalidKerasConfigurationException(layer + ": expected a call in inbound_nodes, got none");
            }
            for (Call call : layer.calls()) {
                if (call.inputs().isEmpty()) {
                    throw new InvalidKerasConfigurationException(
                            layer + ": expected the output of a layer as input, got " + call.arguments());
                }
                for (TensorRef tensor : call.inputs()) {
                    if (!names.contains(tensor.layer())) {
                        throw expected("the name of a layer as input", layer.toString(), tensor.layer());
                    }
                }
            }
        }
        return graph;
    }

    private static String text(Map<String, @Nullable Object> object, String key, String where)
            throws InvalidKerasConfigurationException {
        if (object.get(key) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw expected("a text " + key, where, object.get(key));
    }

    private static InvalidKerasConfigurationException expected(String what, String where, @Nullable Object got) {
        String text = String.valueOf(got);
        return new InvalidKerasConfigurationException(where + ": expected " + what + ", got "
                + (got == null ? "nothing" : text.length() > 80 ? text.substring(0, 80) + "..." : text));
    }
}
