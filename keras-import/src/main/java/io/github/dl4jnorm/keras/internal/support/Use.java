package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.TensorRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A layer in its model.
 *
 * @param layer the layer
 * @param graph the model
 * @param shapes the shapes in it
 */
record Use(LayerNode layer, ModelGraph graph, Shapes shapes) {
    /** A setting's value. */
    @Nullable Object setting(String name) {
        return layer.config().get(name);
    }

    /** The number of axes of the input, batch included; 0 if not known. */
    int rank() {
        List<@Nullable Integer> shape = shapes.input(layer);
        return shape == null ? 0 : shape.size();
    }

    /** Whether a setting names an axis other than the last, or several. */
    boolean notLast(String name) {
        Object axis = setting(name);
        return axis != null && !axis.equals(-1) && !axis.equals(rank() - 1);
    }

    /** Whether the sizes of an axis of the inputs differ, or inputs have different ranks. */
    boolean broadcasts() {
        List<@Nullable List<@Nullable Integer>> inputs = shapes.inputs(layer);
        return inputs.stream()
                .anyMatch(shape -> shape != null && inputs.get(0) != null && !shape.equals(inputs.get(0)));
    }

    /** Whether a tensor goes in twice. */
    boolean repeatsInput() {
        return layer.calls().stream().anyMatch(call -> {
            List<String> names = call.inputs().stream().map(TensorRef::layer).toList();
            return Set.copyOf(names).size() < names.size();
        });
    }

    /** Whether what goes in has its channels first, as the layers before say. */
    boolean hasChannelsFirst() {
        return hasChannelsFirst(layer);
    }

    private boolean hasChannelsFirst(LayerNode node) {
        return node.calls().stream()
                .flatMap(call -> call.inputs().stream())
                .flatMap(tensor -> graph.layer(tensor.layer()).stream())
                .anyMatch(before -> "channels_first".equals(before.config().get("data_format"))
                        || !Kind.of(before).setsAxes() && hasChannelsFirst(before));
    }

    /** Whether the setting "size" has different numbers. */
    boolean sizesDiffer() {
        return setting("size") instanceof List<?> sizes
                && sizes.stream().distinct().count() > 1;
    }

    /** Whether a Bidirectional layer goes back with other settings than forth. */
    boolean goesBackOtherwise() {
        Map<String, @Nullable Object> back = Json.object(setting("backward_layer"));
        Map<String, @Nullable Object> config = back == null ? null : Json.object(back.get("config"));
        return config != null
                && layer.wrapped().isPresent()
                && !comparable(config).equals(comparable(layer.wrapped().get().config()));
    }

    /** Whether the layer inside a wrapper is of one of some classes. */
    boolean wraps(String... classNames) {
        return layer.wrapped()
                .map(LayerNode::className)
                .filter(List.of(classNames)::contains)
                .isPresent();
    }

    /** Whether a TimeDistributed is around a layer that does not do the same to all steps at once. */
    boolean wrapsOther() {
        return wraps("Dense")
                ? rank() > 3
                : !layer.wrapped().map(Kind::of).orElse(Kind.OTHER).isStepwise();
    }

    private static Map<String, @Nullable Object> comparable(Map<String, @Nullable Object> config) {
        Map<String, @Nullable Object> result = new HashMap<>(config);
        List.of("name", "go_backwards", "dtype", "seed", "trainable").forEach(result::remove);
        result.keySet().removeIf(CommonSettings::isSilent);
        return result;
    }
}
