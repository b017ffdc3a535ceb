package io.github.dl4jnorm.keras.internal.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Keras model as its layers and their calls, whatever version wrote it. Passes change it; then DL4J's importer gets it
 * as a model of Keras 1 or 2.
 */
public final class ModelGraph {
    private static final String CONFIG = "config";
    private static final String LAYERS = "layers";

    private final Map<String, @Nullable Object> root;
    private final int version;
    private boolean sequential;
    private final List<LayerNode> layers;
    private final List<TensorRef> inputs;
    private final List<TensorRef> outputs;

    /**
     * Reads a model.
     *
     * @param root its JSON, with keras_version and backend; used and changed
     */
    public ModelGraph(Map<String, @Nullable Object> root) {
        this.root = root;
        String text = fullVersion();
        version = text == null ? 1 : Character.getNumericValue(text.charAt(0));
        sequential = "Sequential".equals(root.get("class_name"));
        ModelReader reader = new ModelReader(version, sequential);
        Object config = root.get(CONFIG);
        Map<String, @Nullable Object> model = Json.object(config);
        // Old versions have the list of a sequential model's layers for its configuration.
        layers = reader.layers(Json.objects(model == null ? config : model.get(LAYERS)));
        inputs = reader.tensors(model == null ? null : model.get("input_layers"));
        outputs = reader.tensors(model == null ? null : model.get("output_layers"));
    }

    /** {@return the major version of Keras: 1, 2 or 3} */
    public int version() {
        return version;
    }

    /** {@return the version of Keras as the file says it, "3.6.0" for example, or "3"; null if it does not} */
    public @Nullable String fullVersion() {
        return root.get("keras_version") instanceof String text && text.matches("\\d.*") ? text : null;
    }

    /** {@return what Keras ran on, "tensorflow" for example; null if the file does not say} */
    public @Nullable String backend() {
        return root.get("backend") instanceof String name ? name : null;
    }

    /** {@return whether it is a chain of layers that Keras calls Sequential} */
    public boolean isSequential() {
        return sequential;
    }

    /** Says that a chain of layers is none any more: layers have other inputs than the layer before them. */
    public void becomesFunctional() {
        sequential = false;
        root.put("class_name", "Functional");
    }

    /**
     * Reads a model inside this one.
     *
     * @param layer a layer of this model that {@linkplain LayerNode#isModel() is a model}
     * @return its layers and calls; its configuration is used and changed
     */
    public ModelGraph inside(LayerNode layer) {
        Map<String, @Nullable Object> inner = new LinkedHashMap<>();
        inner.put("class_name", layer.className());
        inner.put(CONFIG, layer.config());
        inner.put("keras_version", root.get("keras_version"));
        inner.put("backend", root.get("backend"));
        return new ModelGraph(inner);
    }

    /** {@return the Keras class of the model: Sequential, Functional, or one of the user's} */
    public String className() {
        return String.valueOf(root.get("class_name"));
    }

    /** {@return the layers in the file's order, to be read and changed} */
    public List<LayerNode> layers() {
        return layers;
    }

    /** {@return what goes in, in order, to be read and changed; empty for a sequential model} */
    public List<TensorRef> inputs() {
        return inputs;
    }

    /** {@return what comes out, in order, to be read and changed; empty for a sequential model} */
    public List<TensorRef> outputs() {
        return outputs;
    }

    /**
     * Finds a layer.
     *
     * @param name its name
     * @return the layer, if there is one
     */
    public Optional<LayerNode> layer(String name) {
        return layers.stream().filter(layer -> layer.name().equals(name)).findFirst();
    }

    /**
     * Finds what is behind a layer.
     *
     * @param layer a layer
     * @return the layers that its output goes into
     */
    public List<LayerNode> consumers(LayerNode layer) {
        return layers.stream()
                .filter(other -> other.calls().stream()
                        .flatMap(call -> call.inputs().stream())
                        .anyMatch(tensor -> tensor.layer().equals(layer.name())))
                .toList();
    }

    /**
     * The shape of a layer's first output, with the batch and null for sizes that are not fixed, as a layer behind it
     * got it; or null if no file of this version says it, or nothing is behind.
     *
     * @param layer a layer
     * @return the shape, or null
     */
    public @Nullable List<@Nullable Integer> outputShape(LayerNode layer) {
        return layers.stream()
                .flatMap(other -> other.calls().stream())
                .flatMap(call -> call.inputs().stream())
                .filter(tensor -> tensor.layer().equals(layer.name()) && tensor.output() == 0 && tensor.shape() != null)
                .map(TensorRef::shape)
                .findFirst()
                .orElse(null);
    }

    /**
     * Puts a new layer behind another one: all that got the output of that one, layers and the model, get that of the new
     * one.
     *
     * @param layer a layer
     * @param className the new layer's class
     * @param settings its settings, with a name that no other layer has
     */
    public void insertBehind(LayerNode layer, String className, Map<String, @Nullable Object> settings) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("class_name", className);
        json.put(CONFIG, new LinkedHashMap<>(settings));
        Call call = new Call(List.of(new Argument("0", new TensorRef(layer.name(), 0, 0, outputShape(layer)))));
        LayerNode added = new LayerNode(json, List.of(call), null);
        for (LayerNode other : layers) {
            other.calls()
                    .replaceAll(each -> new Call(each.arguments().stream()
                            .map(argument -> argument.value() instanceof TensorRef tensor
                                    ? new Argument(argument.name(), moved(tensor, layer, added))
                                    : argument)
                            .toList()));
        }
        layers.add(layers.indexOf(layer) + 1, added);
        outputs.replaceAll(output -> moved(output, layer, added));
    }

    private static TensorRef moved(TensorRef tensor, LayerNode from, LayerNode to) {
        return tensor.layer().equals(from.name())
                ? new TensorRef(to.name(), tensor.call(), tensor.output(), tensor.shape())
                : tensor;
    }

    /** {@return the JSON that DL4J's importer reads} */
    public Map<String, @Nullable Object> toJson() {
        Map<String, @Nullable Object> result = new LinkedHashMap<>(root);
        if (version > 2) {
            // Whatever backend Keras 3 runs on, its layouts are those of TensorFlow.
            result.put("keras_version", "2.15.0");
            result.put("backend", "tensorflow");
        }
        List<Object> all = new ArrayList<>();
        layers.forEach(layer -> all.add(layer.toJson(!sequential)));
        Map<String, @Nullable Object> model = Json.object(root.get(CONFIG));
        if (model == null) {
            result.put(CONFIG, all);
        } else {
            Map<String, @Nullable Object> changed = new LinkedHashMap<>(model);
            changed.put(LAYERS, all);
            if (!sequential) {
                changed.put("input_layers", toJson(inputs));
                changed.put("output_layers", toJson(outputs));
            }
            result.put(CONFIG, changed);
        }
        return result;
    }

    private static List<Object> toJson(List<TensorRef> tensors) {
        return tensors.stream()
                .map(tensor -> (Object) List.of(tensor.layer(), tensor.call(), tensor.output()))
                .toList();
    }
}
