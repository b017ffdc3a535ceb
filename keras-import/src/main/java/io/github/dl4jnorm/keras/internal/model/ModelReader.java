package io.github.dl4jnorm.keras.internal.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads layers and their calls as one version of Keras writes them. What Keras 3 says in other words than Keras 2 is put
 * in those of Keras 2: {@code batch_shape}, dtype policies.
 */
final class ModelReader {
    private static final String CLASS_NAME = "class_name";
    private static final String CONFIG = "config";

    /** Arguments that say nothing about what is computed in inference. */
    private static final Set<String> SILENT = Set.of("training");

    private final int version;
    private final boolean sequential;

    ModelReader(int version, boolean sequential) {
        this.version = version;
        this.sequential = sequential;
    }

    List<LayerNode> layers(List<Map<String, @Nullable Object>> all) {
        List<LayerNode> result = new ArrayList<>();
        for (Map<String, @Nullable Object> json : all) {
            if (version > 2) {
                settingsAsKeras2(json);
            }
            List<@Nullable Integer> built = builtFor(json);
            List<Call> calls = sequential ? onTheOneBefore(result, built) : calls(json.get("inbound_nodes"));
            result.add(new LayerNode(json, calls, built));
        }
        return result;
    }

    private static List<Call> onTheOneBefore(List<LayerNode> before, @Nullable List<@Nullable Integer> shape) {
        return before.isEmpty()
                ? List.of()
                : List.of(new Call(List.of(new Argument(
                        "0", new TensorRef(before.get(before.size() - 1).name(), 0, 0, shape)))));
    }

    private static @Nullable List<@Nullable Integer> builtFor(Map<String, @Nullable Object> json) {
        Map<String, @Nullable Object> build = Json.object(json.get("build_config"));
        return build == null ? null : Json.shape(build.get("input_shape"));
    }

    private static void settingsAsKeras2(Map<String, @Nullable Object> layer) {
        Map<String, @Nullable Object> settings = Json.object(layer.get(CONFIG));
        if (settings == null) {
            return;
        }
        if (settings.containsKey("batch_shape")) {
            settings.put("batch_input_shape", settings.remove("batch_shape"));
        }
        Map<String, @Nullable Object> policy = Json.object(settings.get("dtype"));
        if (policy != null && policy.get(CONFIG) instanceof Map<?, ?> named) {
            settings.put("dtype", named.get("name"));
        }
        Map<String, @Nullable Object> wrapped = Json.object(settings.get("layer"));
        if (wrapped != null) {
            settingsAsKeras2(wrapped);
        }
    }

    private List<Call> calls(@Nullable Object nodes) {
        List<Call> result = new ArrayList<>();
        if (nodes instanceof List<?> list) {
            for (Object node : list) {
                Map<String, @Nullable Object> object = Json.object(node);
                result.add(object == null ? call2(node) : call3(object));
            }
        }
        return result;
    }

    /** A call of Keras 3: positional and keyword arguments. */
    private static Call call3(Map<String, @Nullable Object> node) {
        List<Argument> arguments = new ArrayList<>();
        if (node.get("args") instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                collect(String.valueOf(i), list.get(i), arguments);
            }
        }
        Map<String, @Nullable Object> keywords = Json.object(node.get("kwargs"));
        if (keywords != null) {
            keywords.forEach((name, value) -> collect(name, value, arguments));
        }
        return new Call(arguments);
    }

    private static void collect(String name, @Nullable Object value, List<Argument> arguments) {
        if (value == null || SILENT.contains(name)) {
            return;
        }
        TensorRef tensor = tensor3(value);
        if (tensor != null) {
            arguments.add(new Argument(name, tensor));
        } else if (containsTensor(value) && value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                collect(name + "." + i, list.get(i), arguments);
            }
        } else if (containsTensor(value) && value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> collect(name + "." + key, each, arguments));
        } else {
            arguments.add(new Argument(name, value));
        }
    }

    private static boolean containsTensor(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream().anyMatch(ModelReader::containsTensor);
        }
        return tensor3(value) != null
                || value instanceof Map<?, ?> map && map.values().stream().anyMatch(ModelReader::containsTensor);
    }

    private static @Nullable TensorRef tensor3(@Nullable Object value) {
        Map<String, @Nullable Object> map = Json.object(value);
        if (map == null || !"__keras_tensor__".equals(map.get(CLASS_NAME))) {
            return null;
        }
        Map<String, @Nullable Object> config = Json.object(map.get(CONFIG));
        return config != null && config.get("keras_history") instanceof List<?> history
                ? tensor2(history, Json.shape(config.get("shape")))
                : null;
    }

    /** A call of Keras 1 or 2: a list of tensors, each with the call's keyword arguments behind it. */
    private static Call call2(@Nullable Object node) {
        List<Argument> arguments = new ArrayList<>();
        // Operations of TensorFlow have their only tensor without a list around it.
        Object tensors = tensor2(node, null) == null ? node : List.of(node);
        if (tensors instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                TensorRef tensor = tensor2(list.get(i), null);
                if (tensor != null) {
                    arguments.add(new Argument(String.valueOf(i), tensor));
                }
                if (i == 0 && list.get(i) instanceof List<?> first && first.size() > 3) {
                    Map<String, @Nullable Object> keywords = Json.object(first.get(3));
                    if (keywords != null) {
                        keywords.forEach((name, value) -> collect(name, value, arguments));
                    }
                }
            }
        }
        return new Call(arguments);
    }

    /** [layer, call, output, ...], or null if the value is something else. */
    private static @Nullable TensorRef tensor2(@Nullable Object value, @Nullable List<@Nullable Integer> shape) {
        return value instanceof List<?> list
                        && list.size() > 2
                        && list.get(0) instanceof String layer
                        && list.get(1) instanceof Integer call
                        && list.get(2) instanceof Integer output
                ? new TensorRef(layer, call, output, shape)
                : null;
    }

    /** A model's inputs or outputs: [name, 0, 0] for a single one in Keras 3, a list of them otherwise. */
    List<TensorRef> tensors(@Nullable Object value) {
        List<TensorRef> result = new ArrayList<>();
        TensorRef single = tensor2(value, null);
        if (single != null) {
            result.add(single);
        } else if (value instanceof List<?> list) {
            list.forEach(each -> {
                TensorRef tensor = tensor2(each, null);
                if (tensor != null) {
                    result.add(tensor);
                }
            });
        }
        return result;
    }
}
