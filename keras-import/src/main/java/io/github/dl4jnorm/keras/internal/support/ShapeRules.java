package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Rules for the shape of a layer's output, by its settings and the shapes of its inputs; see {@link ShapeRule}. */
final class ShapeRules {
    private static final String UNITS = "units";

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

    /** The output's shape; null if no rule is known for the class or the settings. */
    static List<Integer> output(LayerNode layer, List<List<Integer>> inputs) {
        LayerSupport line = Table.line(layer).orElse(null);
        if (line == null) {
            return null;
        }
        return line.kind().keepsShape()
                ? inputs.get(0)
                : line.shape().map(rule -> rule.output(layer, inputs)).orElse(null);
    }

    static List<Integer> unchanged(LayerNode layer, List<List<Integer>> inputs) {
        return inputs.get(0);
    }

    static List<Integer> dense(LayerNode layer, List<List<Integer>> inputs) {
        return withLast(inputs.get(0), number(layer.config(), UNITS));
    }

    static List<Integer> embedded(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> result = new ArrayList<>(inputs.get(0));
        result.add(number(layer.config(), "output_dim"));
        return result;
    }

    static List<Integer> flattened(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> in = inputs.get(0);
        return in.size() == 1 ? null : Arrays.asList(in.get(0), product(in.subList(1, in.size())));
    }

    static List<Integer> repeated(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> in = inputs.get(0);
        return in.size() == 2 ? Arrays.asList(in.get(0), number(layer.config(), "n"), in.get(1)) : null;
    }

    static List<Integer> recurrent(LayerNode layer, List<List<Integer>> inputs) {
        return recurrent(layer.config(), inputs.get(0), 1);
    }

    static List<Integer> bidirectional(LayerNode layer, List<List<Integer>> inputs) {
        int directions = "concat".equals(layer.config().get("merge_mode")) ? 2 : 1;
        return layer.wrapped()
                .map(inner -> recurrent(inner.config(), inputs.get(0), directions))
                .orElse(null);
    }

    private static List<Integer> recurrent(Map<String, Object> config, List<Integer> in, int directions) {
        if (in.size() != 3) {
            return null;
        }
        Integer units = number(config, UNITS);
        Integer size = units == null ? null : Integer.valueOf(directions * units);
        return Boolean.TRUE.equals(config.get("return_sequences"))
                ? withLast(in, size)
                : Arrays.asList(in.get(0), size);
    }

    static List<Integer> eachStep(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> in = inputs.get(0);
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

    static List<Integer> reshaped(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> in = inputs.get(0);
        if (!(layer.config().get("target_shape") instanceof List<?> list)) {
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

    static List<Integer> permuted(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> in = inputs.get(0);
        if (!(layer.config().get("dims") instanceof List<?> list) || list.size() != in.size() - 1) {
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

    static List<Integer> concatenated(LayerNode layer, List<List<Integer>> inputs) {
        Integer axis = number(layer.config(), "axis");
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

    static List<Integer> merged(LayerNode layer, List<List<Integer>> inputs) {
        List<Integer> result = inputs.get(0);
        for (List<Integer> other : inputs) {
            result = broadcast(result, other);
        }
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

    private static Integer number(Map<String, Object> config, String name) {
        return config.get(name) instanceof Integer number ? number : null;
    }
}
