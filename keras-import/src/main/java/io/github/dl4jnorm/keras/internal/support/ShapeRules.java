package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rules for the shape of a layer's output, by its settings and the shapes of its inputs; see {@link ShapeRule}. */
final class ShapeRules {
    private static final String UNITS = "units";

    private ShapeRules() {}

    /** The shape that an input, or the first layer of a chain, says; or null. */
    static @Nullable List<@Nullable Integer> given(LayerNode layer) {
        Object shape = layer.config().get("batch_input_shape");
        return shape instanceof List<?> list ? whole(list) : null;
    }

    /** The numbers of a list, null for what is none. */
    private static List<@Nullable Integer> whole(List<?> list) {
        return list.stream()
                .map(size -> size instanceof Integer i ? i : null)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** The output's shape; null if no rule is known for the class or the settings. */
    static @Nullable List<@Nullable Integer> output(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        LayerSupport line = Table.line(layer).orElse(null);
        if (line == null) {
            return null;
        }
        return line.kind().keepsShape()
                ? inputs.get(0)
                : line.shape().map(rule -> rule.output(layer, inputs)).orElse(null);
    }

    static List<@Nullable Integer> unchanged(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        return inputs.get(0);
    }

    static List<@Nullable Integer> dense(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        return withLast(inputs.get(0), number(layer.config(), UNITS));
    }

    static List<@Nullable Integer> embedded(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        List<@Nullable Integer> result = new ArrayList<>(inputs.get(0));
        result.add(number(layer.config(), "output_dim"));
        return result;
    }

    static @Nullable List<@Nullable Integer> flattened(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        List<@Nullable Integer> in = inputs.get(0);
        return in.size() == 1 ? null : Arrays.asList(in.get(0), product(in.subList(1, in.size())));
    }

    static @Nullable List<@Nullable Integer> repeated(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        List<@Nullable Integer> in = inputs.get(0);
        return in.size() == 2 ? Arrays.asList(in.get(0), number(layer.config(), "n"), in.get(1)) : null;
    }

    static @Nullable List<@Nullable Integer> recurrent(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        return recurrent(layer.config(), inputs.get(0), 1);
    }

    static @Nullable List<@Nullable Integer> bidirectional(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        int directions = "concat".equals(layer.config().get("merge_mode")) ? 2 : 1;
        return layer.wrapped()
                .map(inner -> recurrent(inner.config(), inputs.get(0), directions))
                .orElse(null);
    }

    private static @Nullable List<@Nullable Integer> recurrent(
            Map<String, @Nullable Object> config, List<@Nullable Integer> in, int directions) {
        if (in.size() != 3) {
            return null;
        }
        Integer units = number(config, UNITS);
        Integer size = units == null ? null : Integer.valueOf(directions * units);
        return Boolean.TRUE.equals(config.get("return_sequences"))
                ? withLast(in, size)
                : Arrays.asList(in.get(0), size);
    }

    static @Nullable List<@Nullable Integer> eachStep(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        List<@Nullable Integer> in = inputs.get(0);
        if (in.size() < 3 || layer.wrapped().isEmpty()) {
            return null;
        }
        List<@Nullable Integer> step = new ArrayList<>(in);
        step.remove(1);
        List<@Nullable Integer> out = output(layer.wrapped().get(), List.of(step));
        if (out == null) {
            return null;
        }
        List<@Nullable Integer> result = new ArrayList<>(out);
        result.add(1, in.get(1));
        return result;
    }

    static @Nullable List<@Nullable Integer> reshaped(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        List<@Nullable Integer> in = inputs.get(0);
        if (!(layer.config().get("target_shape") instanceof List<?> list)) {
            return null;
        }
        List<@Nullable Integer> sizes = whole(list);
        int open = sizes.indexOf(-1);
        if (open >= 0) {
            sizes.set(open, null);
            Integer all = product(in.subList(1, in.size()));
            sizes.remove(open);
            Integer others = product(sizes);
            sizes.add(open, all == null || others == null || others == 0 ? null : Integer.valueOf(all / others));
        }
        sizes.add(0, in.get(0));
        return sizes;
    }

    static @Nullable List<@Nullable Integer> permuted(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        List<@Nullable Integer> in = inputs.get(0);
        if (!(layer.config().get("dims") instanceof List<?> list) || list.size() != in.size() - 1) {
            return null;
        }
        List<@Nullable Integer> result = new ArrayList<>(in.subList(0, 1));
        for (Integer axis : whole(list)) {
            if (axis == null || axis < 1 || axis >= in.size()) {
                return null;
            }
            result.add(in.get(axis));
        }
        return result;
    }

    static @Nullable List<@Nullable Integer> concatenated(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        Integer axis = number(layer.config(), "axis");
        List<@Nullable Integer> result = new ArrayList<>(inputs.get(0));
        int at = axis == null ? -1 : axis < 0 ? axis + result.size() : axis;
        if (at < 0 || at >= result.size() || inputs.stream().anyMatch(shape -> shape.size() != result.size())) {
            return null;
        }
        Integer sum = 0;
        for (List<@Nullable Integer> shape : inputs) {
            sum = sum == null || shape.get(at) == null ? null : Integer.valueOf(sum + shape.get(at));
        }
        result.set(at, sum);
        return result;
    }

    static @Nullable List<@Nullable Integer> merged(LayerNode layer, List<List<@Nullable Integer>> inputs) {
        List<@Nullable Integer> result = inputs.get(0);
        for (List<@Nullable Integer> other : inputs) {
            result = broadcast(result, other);
        }
        return result;
    }

    private static @Nullable List<@Nullable Integer> broadcast(
            @Nullable List<@Nullable Integer> a, List<@Nullable Integer> b) {
        if (a == null || a.size() != b.size()) {
            return null;
        }
        List<@Nullable Integer> result = new ArrayList<>(a);
        for (int i = 0; i < a.size(); i++) {
            if (Integer.valueOf(1).equals(a.get(i)) || a.get(i) == null) {
                result.set(i, b.get(i));
            }
        }
        return result;
    }

    private static @Nullable Integer product(List<@Nullable Integer> sizes) {
        return sizes.contains(null)
                ? null
                : Integer.valueOf(sizes.stream().mapToInt(Integer::intValue).reduce(1, (a, b) -> a * b));
    }

    private static List<@Nullable Integer> withLast(List<@Nullable Integer> in, @Nullable Integer size) {
        List<@Nullable Integer> result = new ArrayList<>(in);
        result.set(in.size() - 1, size);
        return result;
    }

    private static @Nullable Integer number(Map<String, @Nullable Object> config, String name) {
        return config.get(name) instanceof Integer number ? number : null;
    }
}
