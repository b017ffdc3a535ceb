package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.KerasFlattening;
import io.github.dl4jnorm.keras.internal.layers.KerasImageDense;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.internal.support.Kind;
import io.github.dl4jnorm.keras.internal.support.Shapes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Where the channels of each input are. Keras' inputs do not say, the layers behind them do; DL4J asks the next layer of
 * the list, overlooks plain convolutions, and reports activations of 3D convolutions as channels last. So inputs,
 * normalizations and Flatten are told.
 */
public final class Formats {
    private static final String DATA_FORMAT = "data_format";
    private static final String FIRST = "channels_first";
    private static final String LAST = "channels_last";
    private static final String SHAPE = "batch_input_shape";
    private static final int IMAGES = 4;
    private static final int VOLUMES = 5;

    private final ModelGraph graph;
    private final Shapes shapes;

    /** Layers whose activations have their channels first. */
    private final Set<String> channelsFirst = new HashSet<>();

    private Formats(ModelGraph graph, Shapes shapes) {
        this.graph = graph;
        this.shapes = shapes;
    }

    /**
     * Sets the format of inputs, normalizations and Flatten.
     *
     * @param graph a model; changed
     * @param shapes its shapes
     * @throws UnsupportedKerasConfigurationException if one input goes into layers of both formats, or the inputs are of both
     */
    public static void tell(ModelGraph graph, Shapes shapes) throws UnsupportedKerasConfigurationException {
        new Formats(graph, shapes).tell();
    }

    private void tell() throws UnsupportedKerasConfigurationException {
        Set<String> ofInputs = new HashSet<>();
        for (LayerNode layer : graph.layers()) {
            if (layer.config().get(SHAPE) instanceof List<?> shape && shape.size() > 2) {
                ofInputs.add(tellInput(layer, shape));
            } else {
                tellOther(layer);
            }
        }
        if (ofInputs.size() > 1) {
            throw new UnsupportedKerasConfigurationException(
                    "Keras model: some inputs have their channels first, others last, and DL4J's importer knows"
                            + " one format for all; use channels_last for all in Keras");
        }
    }

    private String tellInput(LayerNode layer, List<?> shape) throws UnsupportedKerasConfigurationException {
        Set<String> formats = new HashSet<>();
        collect(layer, formats, new HashSet<>());
        if (formats.size() > 1) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": goes into layers with channels_first and with channels_last, expected one"
                            + " data_format; permute in front of the model");
        }
        if (!formats.contains(FIRST)) {
            return LAST;
        }
        channelsFirst.add(layer.name());
        layer.config().put(DATA_FORMAT, FIRST);
        layer.config().put(SHAPE, asDl4jReads(shape));
        return FIRST;
    }

    /** The formats of the first layers that have one, along all ways from a layer, itself included. */
    private void collect(LayerNode layer, Set<String> formats, Set<String> seen) {
        if (!seen.add(layer.name())) {
            return;
        }
        if (hasFormat(layer)) {
            formats.add(String.valueOf(layer.config().get(DATA_FORMAT)));
        } else if (keepsFormat(layer)) {
            graph.consumers(layer).forEach(consumer -> collect(consumer, formats, seen));
        }
    }

    private static boolean hasFormat(LayerNode layer) {
        return layer.config().get(DATA_FORMAT) instanceof String
                && layer.className().matches(".*[123]D(Transpose)?");
    }

    /** Whether a layer's output has its channels where its input has them. */
    private boolean keepsFormat(LayerNode layer) {
        List<@Nullable Integer> in = shapes.input(layer);
        List<@Nullable Integer> out = shapes.output(layer);
        return Kind.of(layer) != Kind.VIEW && in != null && out != null && in.size() == out.size();
    }

    private void tellOther(LayerNode layer) throws UnsupportedKerasConfigurationException {
        List<LayerNode> inputs = inputs(layer);
        boolean fromFirst = inputs.stream().anyMatch(input -> channelsFirst.contains(input.name()));
        boolean first =
                hasFormat(layer) ? FIRST.equals(layer.config().get(DATA_FORMAT)) : fromFirst && keepsFormat(layer);
        if (first) {
            channelsFirst.add(layer.name());
        }
        if (fromFirst && OwnName.of(KerasImageDense.NAME).equals(layer.className())) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": goes along the last axis of images that have their channels first, expected them"
                            + " last; use channels_last in Keras");
        }
        List<@Nullable Integer> shape = shapes.input(layer);
        int rank = shape == null ? 0 : shape.size();
        if (first && rank == VOLUMES && Kind.of(layer).isNorm()) {
            layer.config().put(DATA_FORMAT, FIRST);
        }
        if ("Flatten".equals(layer.className()) && rank > 2) {
            tellFlatten(layer, fromFirst, rank);
        }
    }

    /** With channels_first Keras moves the second axis behind the others first. */
    private static void tellFlatten(LayerNode layer, boolean fromFirst, int rank)
            throws UnsupportedKerasConfigurationException {
        boolean moves = FIRST.equals(layer.config().get(DATA_FORMAT));
        if (moves && (!fromFirst || rank != IMAGES)) {
            throw new UnsupportedKerasConfigurationException(
                    layer + ": data_format = channels_first, expected channels_last: Keras permutes what goes"
                            + " in, and DL4J does so for images with channels first only; use a Permute and Flatten() in Keras");
        }
        if (rank >= IMAGES) {
            layer.config().put(KerasFlattening.CHANNELS_FIRST, fromFirst);
            layer.config().put(KerasFlattening.MOVES_CHANNELS, moves);
            layer.becomesOwn();
        }
    }

    private List<LayerNode> inputs(LayerNode layer) {
        List<LayerNode> result = new ArrayList<>();
        layer.calls().forEach(call -> call.inputs()
                .forEach(tensor -> graph.layer(tensor.layer()).ifPresent(result::add)));
        return result;
    }

    /** DL4J reads the sizes of volumes with channels first as those of height, width, channels and depth. */
    private static List<?> asDl4jReads(List<?> shape) {
        return shape.size() == VOLUMES
                ? Arrays.asList(shape.get(0), shape.get(3), shape.get(4), shape.get(1), shape.get(2))
                : shape;
    }
}
