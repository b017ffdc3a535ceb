package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.model.Json;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/** The sizes of a model's input that its file leaves open, where the caller knows them. */
public final class InputShape {
    private static final String SHAPE = "batch_input_shape";

    private InputShape() {}

    /**
     * Sets the shape of the only input.
     *
     * @param graph a model; changed
     * @param shape without the batch
     * @throws UnsupportedKerasConfigurationException if there are several inputs, or the file says other sizes
     */
    public static void set(ModelGraph graph, int... shape) throws UnsupportedKerasConfigurationException {
        List<LayerNode> inputs =
                graph.layers().stream().filter(layer -> layer.calls().isEmpty()).toList();
        if (inputs.size() != 1) {
            throw new UnsupportedKerasConfigurationException("Keras model: expected one input to set the shape "
                    + Arrays.toString(shape) + " of, got " + inputs);
        }
        LayerNode input = inputs.get(0);
        List<@Nullable Integer> saved = Json.shape(input.config().get(SHAPE));
        if (saved != null && !agree(saved, shape)) {
            throw new UnsupportedKerasConfigurationException(input + ": expected an input shape that agrees with "
                    + saved.subList(1, saved.size()) + ", got " + Arrays.toString(shape));
        }
        List<@Nullable Integer> whole = new ArrayList<>();
        whole.add(saved == null ? null : saved.get(0));
        Arrays.stream(shape).forEach(whole::add);
        input.config().put(SHAPE, whole);
    }

    private static boolean agree(List<@Nullable Integer> saved, int... shape) {
        if (saved.size() != shape.length + 1) {
            return false;
        }
        for (int i = 0; i < shape.length; i++) {
            Integer size = saved.get(i + 1);
            if (size != null && size != shape[i]) {
                return false;
            }
        }
        return true;
    }
}
