package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Compares the shapes of DL4J's activations with Keras'. It depends on no table: whatever DL4J does along another axis
 * shows, as soon as sizes differ.
 */
public final class ShapeComparison {
    private ShapeComparison() {}

    /**
     * Compares all layers.
     *
     * @param graph a model
     * @param shapes its shapes
     * @param types the types of DL4J's activations by layer
     * @throws UnsupportedKerasConfigurationException if one has another shape
     */
    public static void check(ModelGraph graph, Shapes shapes, Map<String, InputType> types)
            throws UnsupportedKerasConfigurationException {
        for (LayerNode layer : graph.layers()) {
            List<@Nullable Integer> expected = shapes.output(layer);
            InputType actual = types.get(layer.name());
            if (expected != null && actual != null && !agree(expected, actual)) {
                throw new UnsupportedKerasConfigurationException(
                        layer + ": expected activations of shape " + text(expected) + ", got "
                                + Arrays.toString(actual.getShape(true)) + " from DL4J, " + actual
                                + "; it computes along other axes than Keras, so the layer cannot be imported here");
            }
        }
    }

    private static boolean agree(List<@Nullable Integer> expected, InputType actual) {
        long[] shape = actual.getShape(true);
        if (actual instanceof InputTypeConvolutional3D volume) {
            // DL4J takes some volumes with channels first for others.
            long[] last = {-1, volume.getDepth(), volume.getHeight(), volume.getWidth(), volume.getChannels()};
            long[] first = {-1, volume.getChannels(), volume.getDepth(), volume.getHeight(), volume.getWidth()};
            return agree(expected, last) || agree(expected, first);
        }
        if (actual instanceof InputTypeRecurrent sequence && sequence.getFormat() == RNNFormat.NCW) {
            // Permute changes the format that DL4J believes in, not only the axes.
            long[] last = {-1, sequence.getTimeSeriesLength(), sequence.getSize()};
            if (agree(expected, last)) {
                return true;
            }
        }
        if (actual instanceof InputTypeRecurrent sequence && expected.size() == 2) {
            // DL4J's pooling over time pretends to keep an axis.
            return agree(expected, new long[] {-1, sequence.getSize()});
        }
        return agree(expected, shape);
    }

    private static boolean agree(List<@Nullable Integer> expected, long[] actual) {
        if (expected.size() != actual.length) {
            return false;
        }
        for (int i = 1; i < actual.length; i++) {
            boolean known = expected.get(i) != null && actual[i] > 0;
            if (known && expected.get(i) != actual[i]) {
                return false;
            }
        }
        return true;
    }

    private static String text(List<@Nullable Integer> shape) {
        return shape.stream()
                .map(size -> size == null ? "?" : size.toString())
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
