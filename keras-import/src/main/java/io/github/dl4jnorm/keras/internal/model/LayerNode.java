package io.github.dl4jnorm.keras.internal.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A layer of a Keras model: its class, name, settings and calls. Passes over the model change it. */
public final class LayerNode {
    private static final String CLASS_NAME = "class_name";
    private static final String NAME = "name";

    private final Map<String, @Nullable Object> json;
    private final Map<String, @Nullable Object> config;
    private final List<Call> calls;
    private final @Nullable List<@Nullable Integer> inputShape;
    private @Nullable List<String> path;

    /**
     * A layer.
     *
     * @param json with class_name and config; used and changed
     * @param calls its calls
     * @param inputShape the shape with the batch that it was built for, or null if the file does not say
     */
    LayerNode(Map<String, @Nullable Object> json, List<Call> calls, @Nullable List<@Nullable Integer> inputShape) {
        this.json = json;
        Map<String, @Nullable Object> settings = Json.object(json.get("config"));
        config = settings == null ? new LinkedHashMap<>() : settings;
        this.calls = new ArrayList<>(calls);
        this.inputShape = inputShape;
    }

    /** {@return the Keras class, or the name that this library registers with DL4J for it} */
    public String className() {
        return String.valueOf(json.get(CLASS_NAME));
    }

    /** {@return the Keras class, also where a layer of this library's is in its place} */
    public String kerasClass() {
        return OwnName.kerasClass(className());
    }

    /** Has this library's layer for the class imported in the place of DL4J's. */
    public void becomesOwn() {
        becomes(OwnName.of(kerasClass()));
    }

    /**
     * Changes the class.
     *
     * @param className a class that DL4J's importer knows
     */
    public void becomes(String className) {
        json.put(CLASS_NAME, className);
    }

    /** {@return the name, which no other layer of the model has} */
    public String name() {
        Object name = config.containsKey(NAME) ? config.get(NAME) : json.get(NAME);
        return String.valueOf(name);
    }

    /**
     * Where the file has its weights: the names that the file gives to the models around it, the outermost first, without
     * the model of the file itself, and to this layer. A layer that is in no inner model has its own name only.
     *
     * @return names, at least one
     */
    public List<String> path() {
        return path == null ? List.of(name()) : path;
    }

    /**
     * Says where the file has its weights, for a layer that was renamed or taken out of a model.
     *
     * @param path the file's names, the outermost first
     * @return this
     */
    public LayerNode withPath(List<String> path) {
        this.path = List.copyOf(path);
        return this;
    }

    /** {@return the settings, to be read and changed} */
    public Map<String, @Nullable Object> config() {
        return config;
    }

    /** {@return the calls, to be read and changed; one of a layer that is used once, none of an input} */
    public List<Call> calls() {
        return calls;
    }

    /** {@return the shape that it was built for, with the batch and null for sizes that are not fixed; or null} */
    public @Nullable List<@Nullable Integer> inputShape() {
        return inputShape;
    }

    /** {@return the layer in a wrapper (TimeDistributed, Bidirectional); what is changed in it is changed in this one} */
    public Optional<LayerNode> wrapped() {
        Map<String, @Nullable Object> inner = Json.object(config.get("layer"));
        return inner == null || !inner.containsKey(CLASS_NAME)
                ? Optional.empty()
                : Optional.of(new LayerNode(inner, List.of(), null));
    }

    /** {@return whether it is a model inside a model} */
    public boolean isModel() {
        return config.get("layers") instanceof List;
    }

    /** As DL4J's importer reads it. */
    Map<String, @Nullable Object> toJson(boolean withCalls) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>(json);
        result.put("config", config);
        result.put(NAME, name());
        if (withCalls) {
            result.put("inbound_nodes", calls.stream().map(LayerNode::toJson).toList());
        } else {
            result.remove("inbound_nodes");
        }
        return result;
    }

    private static List<Object> toJson(Call call) {
        return call.inputs().stream()
                .map(tensor -> (Object) List.of(tensor.layer(), tensor.call(), tensor.output(), Map.of()))
                .toList();
    }

    @Override
    public String toString() {
        return "Keras " + className() + " \"" + name() + "\"";
    }
}
