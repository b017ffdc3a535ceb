package io.github.dl4jnorm.keras;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Rewrites the JSON of a Keras model into what DL4J's importer reads: normalization layers under this library's names,
 * and Keras 3 in the words of Keras 2.
 */
final class ModelConfig {
    private final Map<String, Object> root;
    private final boolean keras3;

    private ModelConfig(Map<String, Object> root) {
        this.root = root;
        keras3 = root.get("keras_version") instanceof String version && version.startsWith("3");
    }

    /**
     * Reads a configuration.
     *
     * @throws InvalidKerasConfigurationException if it is not JSON
     */
    static ModelConfig parse(String json) throws InvalidKerasConfigurationException {
        try {
            return new ModelConfig(KerasModelUtils.parseJsonString(json));
        } catch (IOException e) {
            throw new InvalidKerasConfigurationException("the model's configuration is not valid JSON", e);
        }
    }

    /** Whether the weights are as DL4J expects them: those of Keras 1, and of Keras on Theano. */
    boolean hasWeightsForDl4j() {
        boolean keras2 = root.get("keras_version") instanceof String version && version.startsWith("2");
        return !(keras3 || keras2) || "theano".equals(root.get("backend"));
    }

    boolean isSequential() {
        return "Sequential".equals(root.get("class_name"));
    }

    /** The configuration as DL4J's importer reads it. */
    String forDl4j() throws IOException {
        if (keras3) {
            // Whatever backend Keras 3 runs on, its layouts are those of TensorFlow.
            root.put("keras_version", "2.15.0");
            root.put("backend", "tensorflow");
            asKeras2();
        }
        new ChannelsFirst(layers()).tellInputsAndNorms();
        rename(root);
        return write(root);
    }

    /** The layers: those of a sequential model are the configuration itself in old versions. */
    private List<Map<String, Object>> layers() {
        Object config = root.get("config");
        Object layers = config instanceof Map<?, ?> model ? model.get("layers") : config;
        List<Map<String, Object>> result = new ArrayList<>();
        if (layers instanceof List<?> list) {
            list.forEach(layer -> {
                if (layer instanceof Map<?, ?> map) {
                    result.add(mutable(map));
                }
            });
        }
        return result;
    }

    /**
     * A training configuration as DL4J's importer reads it: it insists on a learning rate decay, which the optimizers of
     * newer versions of Keras do not have.
     */
    static String trainingForDl4j(String json) throws IOException {
        Map<String, Object> training = KerasModelUtils.parseJsonString(json);
        if (training.get("optimizer_config") instanceof Map<?, ?> optimizer
                && optimizer.get("config") instanceof Map<?, ?> config) {
            mutable(config).putIfAbsent("decay", 0.0);
        }
        return write(training);
    }

    private static String write(Object json) throws IOException {
        return new ObjectMapper().writeValueAsString(json);
    }

    @SuppressWarnings("unchecked") // objects of JSON
    static Map<String, Object> mutable(Map<?, ?> json) {
        return (Map<String, Object>) json;
    }

    private static void rename(Object json) {
        if (json instanceof List<?> list) {
            list.forEach(ModelConfig::rename);
        } else if (json instanceof Map<?, ?> map) {
            if ("TimeDistributed".equals(map.get("class_name")) && map.get("config") instanceof Map<?, ?> config) {
                addTimeAxis(config.get("layer"));
            }
            map.values().forEach(ModelConfig::rename);
            if (map.get("config") instanceof Map && KerasNorms.isNorm(map.get("class_name"))) {
                mutable(map).compute("class_name", (key, name) -> KerasNorms.ownName(name));
            }
        }
    }

    /** DL4J unwraps a TimeDistributed layer: what was an axis of a time step's is one further in all of them. */
    private static void addTimeAxis(Object layer) {
        if (layer instanceof Map<?, ?> map
                && KerasNorms.isNorm(map.get("class_name"))
                && map.get("config") instanceof Map<?, ?> config) {
            mutable(config).computeIfPresent("axis", (key, axis) -> plusOne(axis));
        }
    }

    private static Object plusOne(Object axis) {
        if (axis instanceof List<?> axes) {
            return axes.stream().map(ModelConfig::plusOne).toList();
        }
        return axis instanceof Integer i && i > 0 ? Integer.valueOf(i + 1) : axis;
    }

    private void asKeras2() {
        if (root.get("config") instanceof Map<?, ?> model) {
            nest(mutable(model), "input_layers");
            nest(mutable(model), "output_layers");
        }
        layers().forEach(ModelConfig::layerAsKeras2);
    }

    /** Keras 3 writes [name, 0, 0] for a single input, Keras 2 a list of them. */
    private static void nest(Map<String, Object> model, String key) {
        if (model.get(key) instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof String) {
            model.put(key, List.of(list));
        }
    }

    private static void layerAsKeras2(Map<String, Object> layer) {
        if (layer.get("config") instanceof Map<?, ?> config) {
            Map<String, Object> settings = mutable(config);
            if (settings.containsKey("batch_shape")) {
                settings.put("batch_input_shape", settings.remove("batch_shape"));
            }
            if (settings.get("dtype") instanceof Map<?, ?> policy && policy.get("config") instanceof Map<?, ?> named) {
                settings.put("dtype", named.get("name"));
            }
            if ("Embedding".equals(layer.get("class_name"))) {
                settings.putIfAbsent("input_length", null);
            }
        }
        if (layer.get("inbound_nodes") instanceof List<?> nodes) {
            layer.put("inbound_nodes", nodes.stream().map(ModelConfig::inputs).toList());
        }
    }

    /** A call of a layer: in Keras 3 its arguments, in Keras 2 the tensors among them. */
    private static Object inputs(Object node) {
        if (!(node instanceof Map<?, ?> call)) {
            return node;
        }
        List<Object> tensors = new ArrayList<>();
        collectTensors(call.get("args"), tensors);
        collectTensors(call.get("kwargs"), tensors);
        return tensors;
    }

    private static void collectTensors(Object argument, List<Object> tensors) {
        if (argument instanceof List<?> list) {
            list.forEach(each -> collectTensors(each, tensors));
        } else if (argument instanceof Map<?, ?> map) {
            if ("__keras_tensor__".equals(map.get("class_name"))
                    && map.get("config") instanceof Map<?, ?> config
                    && config.get("keras_history") instanceof List<?> history) {
                List<Object> tensor = new ArrayList<>(history);
                tensor.add(new HashMap<>());
                tensors.add(tensor);
            } else {
                map.values().forEach(each -> collectTensors(each, tensors));
            }
        }
    }
}
