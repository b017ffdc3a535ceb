package io.github.dl4jnorm.keras.internal.passes;

import io.github.dl4jnorm.keras.internal.layers.OwnLayers;
import io.github.dl4jnorm.keras.internal.model.LayerNode;
import io.github.dl4jnorm.keras.internal.model.ModelGraph;
import io.github.dl4jnorm.keras.internal.model.TensorRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shapes of Keras' activations, with the batch, and null for sizes that are not known: as the file has them, or, in
 * files of Keras 1 and 2, as far as settings tell. Above all the rank, which says what axis a number means.
 */
final class KerasShapes {
    /** Layers whose output has the shape of their input; normalizations are more. */
    private static final Set<String> UNCHANGED = Set.of(
            "InputLayer",
            "Activation",
            "ActivityRegularization",
            "AlphaDropout",
            "Dropout",
            "ELU",
            "GaussianDropout",
            "GaussianNoise",
            "Identity",
            "LeakyReLU",
            "Masking",
            "Normalization",
            "PReLU",
            "ReLU",
            "Rescaling",
            "LayerScale",
            "Softmax",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "ThresholdedReLU");

    private static final Set<String> RECURRENT =
            Set.of("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "Bidirectional");

    /** Layers of several inputs whose output has their rank. */
    private static final Set<String> MERGES =
            Set.of("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate");

    /** Layers of one input whose output has a rank of its own. */
    private static final Set<String> ANY_RANK = Set.of("Flatten", "Reshape", "RepeatVector", "Embedding");

    /** Convolutions, pooling and padding: of the rank of their input. */
    private static final Pattern SPATIAL = Pattern.compile(".*([123])D(Transpose)?");

    private final ModelGraph graph;

    /** By layer; null while it is being found out, and if it cannot be told. */
    private final Map<String, List<Integer>> outputs = new HashMap<>();

    KerasShapes(ModelGraph graph) {
        this.graph = graph;
    }

    /** The shape of what goes into a layer of one input, or null if not even the rank is known. */
    List<Integer> input(LayerNode layer) {
        if (layer.inputShape() != null) {
            return layer.inputShape();
        }
        List<List<Integer>> shapes = inputs(layer);
        return shapes.size() == 1 ? shapes.get(0) : null;
    }

    /** Whether there are activations that are known to be sequences. */
    boolean hasSequences() {
        return graph.layers().stream().map(this::input).anyMatch(shape -> shape != null && shape.size() == 3);
    }

    private List<List<Integer>> inputs(LayerNode layer) {
        List<List<Integer>> shapes = new ArrayList<>();
        if (layer.calls().isEmpty()) {
            shapes.add(list(layer.config().get("batch_input_shape")));
        } else {
            layer.calls().get(0).inputs().forEach(tensor -> shapes.add(of(tensor)));
        }
        return shapes;
    }

    private List<Integer> of(TensorRef tensor) {
        if (tensor.shape() != null || tensor.output() != 0) {
            return tensor.shape();
        }
        if (!outputs.containsKey(tensor.layer())) {
            outputs.put(tensor.layer(), null);
            graph.layer(tensor.layer()).ifPresent(layer -> outputs.put(layer.name(), output(layer, inputs(layer))));
        }
        return outputs.get(tensor.layer());
    }

    private static List<Integer> output(LayerNode layer, List<List<Integer>> inputs) {
        String name = OwnLayers.kerasName(layer.className());
        if (inputs.isEmpty()) {
            return null;
        }
        List<Integer> input = inputs.get(0) == null ? implied(name) : inputs.get(0);
        if (input == null || input.size() < 2) {
            return null;
        }
        if (MERGES.contains(name)) {
            boolean sameRank = inputs.stream().allMatch(each -> each != null && each.size() == input.size());
            return sameRank ? ofRank(input.size()) : null;
        }
        return inputs.size() == 1 || RECURRENT.contains(name) ? output(name, layer, input) : null;
    }

    /** What a layer that takes inputs of one rank only says about one of unknown shape; null if it takes others too. */
    private static List<Integer> implied(String name) {
        Matcher spatial = SPATIAL.matcher(name);
        if (spatial.matches()) {
            return ofRank(2 + Integer.parseInt(spatial.group(1)));
        }
        if (RECURRENT.contains(name)) {
            return ofRank(3);
        }
        return ANY_RANK.contains(name) ? ofRank(2) : null;
    }

    private static List<Integer> output(String name, LayerNode layer, List<Integer> input) {
        Map<String, Object> settings = layer.config();
        if (UNCHANGED.contains(name) || OwnLayers.isNorm(name)) {
            return input;
        }
        if (RECURRENT.contains(name)) {
            Map<String, Object> inner = layer.wrapped().map(LayerNode::config).orElse(settings);
            Integer units = layer.wrapped().isPresent() ? null : units(settings);
            boolean sequences = Boolean.TRUE.equals(inner.get("return_sequences"));
            return shape(sequences ? input.subList(0, 2) : batch(input), units);
        }
        if (name.startsWith("Global")) {
            return ofRank(Boolean.TRUE.equals(settings.get("keepdims")) ? input.size() : 2);
        }
        if (SPATIAL.matcher(name).matches()) {
            return ofRank(input.size());
        }
        return switch (name) {
            case "Dense" -> shape(input.subList(0, input.size() - 1), units(settings));
            case "Embedding" -> shape(input, units(settings));
            case "Flatten" -> ofRank(2);
            case "Reshape" -> joined(batch(input), list(settings.get("target_shape")));
            case "RepeatVector" -> shape(shape(batch(input), whole(settings.get("n"))), input.get(1));
            case "Permute" -> permuted(input, list(settings.get("dims")));
            case "TimeDistributed" -> distributed(layer, input);
            default -> null;
        };
    }

    private static List<Integer> distributed(LayerNode layer, List<Integer> input) {
        if (input.size() < 3) {
            return null;
        }
        List<Integer> step = joined(batch(input), input.subList(2, input.size()));
        LayerNode inner = layer.wrapped().orElse(null);
        List<Integer> output = inner == null ? null : output(OwnLayers.kerasName(inner.className()), inner, step);
        return output == null ? null : joined(input.subList(0, 2), output.subList(1, output.size()));
    }

    private static List<Integer> permuted(List<Integer> input, List<Integer> axes) {
        if (axes == null || axes.size() != input.size() - 1) {
            return null;
        }
        List<Integer> result = new ArrayList<>(batch(input));
        for (Integer axis : axes) {
            if (axis == null || axis < 1 || axis >= input.size()) {
                return null;
            }
            result.add(input.get(axis));
        }
        return result;
    }

    private static Integer units(Map<String, Object> settings) {
        Object units = settings.get("units");
        return whole(units == null ? settings.get("output_dim") : units);
    }

    /** A size; null for what is none, as -1 in Reshape. */
    private static Integer whole(Object value) {
        return value instanceof Integer size && size > 0 ? size : null;
    }

    private static List<Integer> list(Object value) {
        return value instanceof List<?> sizes
                ? sizes.stream().map(KerasShapes::whole).toList()
                : null;
    }

    private static List<Integer> batch(List<Integer> shape) {
        return shape.subList(0, 1);
    }

    private static List<Integer> ofRank(int rank) {
        return Collections.nCopies(rank, null);
    }

    private static List<Integer> shape(List<Integer> sizes, Integer last) {
        return joined(sizes, Collections.singletonList(last));
    }

    private static List<Integer> joined(List<Integer> first, List<Integer> second) {
        if (second == null) {
            return null;
        }
        List<Integer> result = new ArrayList<>(first);
        result.addAll(second);
        return result;
    }
}
