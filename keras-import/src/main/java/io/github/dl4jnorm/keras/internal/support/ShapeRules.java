package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The shape of a layer's output by its settings and the shapes of its inputs, as Keras computes it. */
final class ShapeRules {
    private static final Set<String> UNCHANGED = Set.of(
            "InputLayer",
            "Activation",
            "ReLU",
            "LeakyReLU",
            "ELU",
            "PReLU",
            "ThresholdedReLU",
            "Softmax",
            "Dropout",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "AlphaDropout",
            "GaussianDropout",
            "GaussianNoise",
            "ActivityRegularization",
            "Masking",
            "Identity",
            "BatchNormalization",
            "LayerNormalization",
            "GroupNormalization",
            "UnitNormalization",
            "RMSNormalization",
            "Normalization",
            "Rescaling",
            "BatchNormalizationV1",
            "BatchNormalizationV2",
            "SyncBatchNormalization",
            "Arithmetic",
            "LayerScale");
    private static final Set<String> MERGES = Set.of("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum");

    private ShapeRules() {}

    /** The shape that an input, or the first layer of a chain, says; or null. */
    static List<Integer> given(LayerNode layer) {
        Object shape = layer.config().get("batch_input_shape");
        return shape instanceof List<?> list ? whole(list) : null;
    }

    /** The numbers of a list, null for what is none. */
    private static List<Integer> whole(List<?> list) {
        return list.stream()
                .map(size -> size instanceof Integer i ? i : null)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /**
     * The output's shape; null if no rule is known for the class or the settings.
     *
     * @param inputs shapes of the inputs, none of them null
     */
    static List<Integer> output(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> in = inputs.get(0);
        Map<String, Object> config = layer.config();
        // A pass may have put a layer of this library's in Keras' place.
        String name = layer.className().substring(layer.className().lastIndexOf('.') + 1);
        if (UNCHANGED.contains(name)) {
            return in;
        }
        if (MERGES.contains(name)) {
            List<Integer> shape = in;
            for (List<Integer> other : inputs) {
                shape = broadcast(shape, other);
            }
            return shape;
        }
        return switch (name) {
            case "Dense", "TimeDistributedDense" -> withLast(in, number(config, "units"));
            case "Embedding" -> plus(in, number(config, "output_dim"));
            case "Flatten" -> in.size() == 1 ? null : Arrays.asList(in.get(0), product(in.subList(1, in.size())));
            case "Reshape" -> reshaped(in, config.get("target_shape"));
            case "Permute" -> permuted(in, config.get("dims"));
            case "RepeatVector" -> in.size() == 2 ? Arrays.asList(in.get(0), number(config, "n"), in.get(1)) : null;
            case "Concatenate" -> concatenated(inputs, number(config, "axis"));
            case "LSTM", "GRU", "SimpleRNN" -> recurrent(config, in, number(config, "units"));
            case "Bidirectional" -> bidirectional(layer, in);
            case "TimeDistributed" -> eachStep(layer, in);
            default -> SpatialShapes.output(name, config, in);
        };
    }

    private static List<Integer> bidirectional(LayerNode layer, List<Integer> in) {
        return layer.wrapped()
                .map(inner -> {
                    Integer units = number(inner.config(), "units");
                    int directions = "concat".equals(layer.config().get("merge_mode")) ? 2 : 1;
                    Integer both = units == null ? null : Integer.valueOf(directions * units);
                    return recurrent(inner.config(), in, both);
                })
                .orElse(null);
    }

    private static List<Integer> recurrent(Map<String, Object> config, List<Integer> in, Integer units) {
        if (in.size() != 3) {
            return null;
        }
        return Boolean.TRUE.equals(config.get("return_sequences"))
                ? withLast(in, units)
                : Arrays.asList(in.get(0), units);
    }

    private static List<Integer> eachStep(LayerNode layer, List<Integer> in) {
        if (in.size() < 3 || layer.wrapped().isEmpty()) {
            return null;
        }
        List<Integer> step = new ArrayList<>(in);
        step.remove(1);
        List<Integer> out = output(layer.wrapped().get(), List.of(step));
        if (out == null) {
            return null;
        }
        List<Integer> result = new ArrayList<>(out);
        result.add(1, in.get(1));
        return result;
    }

    private static List<Integer> reshaped(List<Integer> in, Object target) {
        if (!(target instanceof List<?> list)) {
            return null;
        }
        List<Integer> sizes = whole(list);
        int open = sizes.indexOf(-1);
        if (open >= 0) {
            sizes.set(open, null);
            Integer all = product(in.subList(1, in.size()));
            Integer others = product(sizes.stream().filter(Objects::nonNull).toList());
            sizes.set(open, all == null || others == 0 ? null : Integer.valueOf(all / others));
        }
        sizes.add(0, in.get(0));
        return sizes;
    }

    private static List<Integer> permuted(List<Integer> in, Object dims) {
        if (!(dims instanceof List<?> list) || list.size() != in.size() - 1) {
            return null;
        }
        List<Integer> result = new ArrayList<>(in.subList(0, 1));
        for (Integer axis : whole(list)) {
            if (axis == null || axis < 1 || axis >= in.size()) {
                return null;
            }
            result.add(in.get(axis));
        }
        return result;
    }

    private static List<Integer> concatenated(List<List<Integer>> inputs, Integer axis) {
        List<Integer> result = new ArrayList<>(inputs.get(0));
        int at = axis == null ? -1 : axis < 0 ? axis + result.size() : axis;
        if (at < 0 || at >= result.size() || inputs.stream().anyMatch(shape -> shape.size() != result.size())) {
            return null;
        }
        Integer sum = 0;
        for (List<Integer> shape : inputs) {
            sum = sum == null || shape.get(at) == null ? null : Integer.valueOf(sum + shape.get(at));
        }
        result.set(at, sum);
        return result;
    }

    private static List<Integer> broadcast(List<Integer> a, List<Integer> b) {
        if (a == null || a.size() != b.size()) {
            return null;
        }
        List<Integer> result = new ArrayList<>(a);
        for (int i = 0; i < a.size(); i++) {
            if (Integer.valueOf(1).equals(a.get(i)) || a.get(i) == null) {
                result.set(i, b.get(i));
            }
        }
        return result;
    }

    private static Integer product(List<Integer> sizes) {
        return sizes.contains(null)
                ? null
                : Integer.valueOf(sizes.stream().mapToInt(Integer::intValue).reduce(1, (a, b) -> a * b));
    }

    private static List<Integer> withLast(List<Integer> in, Integer size) {
        List<Integer> result = new ArrayList<>(in);
        result.set(in.size() - 1, size);
        return result;
    }

    private static List<Integer> plus(List<Integer> in, Integer size) {
        List<Integer> result = new ArrayList<>(in);
        result.addAll(Collections.singletonList(size));
        return result;
    }

    private static Integer number(Map<String, Object> config, String name) {
        return config.get(name) instanceof Integer number ? number : null;
    }
}
