package io.github.dl4jnorm.keras.internal.file;

import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The variables of Keras' layers, in the order in which Keras numbers them: that of their creation, those that are not
 * trained last.
 */
final class Variables {
    /** A rank that depends on the shape of the input. */
    static final int ANY_RANK = -1;

    private static final String KERNEL = "kernel";
    private static final String GAMMA = "gamma";
    private static final String BETA = "beta";
    private static final String BIAS = "bias";

    private Variables() {}

    /**
     * A variable.
     *
     * @param name its name
     * @param rank the number of its axes, or {@link #ANY_RANK}
     * @param needed whether an import reads it
     */
    record Variable(String name, int rank, boolean needed) {
        Variable(String name, int rank) {
            this(name, rank, true);
        }
    }

    /**
     * Variables in one group of the file with numbered variables.
     *
     * @param group path of the group, from that of the layer; "" for the layer's own
     * @param prefix what the names begin with where they are told apart by their names
     * @param variables in the order of their numbers
     */
    record Part(String group, String prefix, List<Variable> variables) {}

    /**
     * The parts of a layer; none if it has no variables, empty if its class is not known.
     *
     * @param className class of Keras
     * @param config settings of the layer
     */
    static Optional<List<Part>> of(String className, Map<String, @Nullable Object> config) {
        Map<String, @Nullable Object> wrapped = Json.object(config.get("layer"));
        if (wrapped != null && wrapped.get("class_name") instanceof String inner) {
            Map<String, @Nullable Object> settings = Json.object(wrapped.get("config"));
            return wrapper(className, inner, settings == null ? Map.of() : settings);
        }
        boolean recurrent = "LSTM".equals(className) || "SimpleRNN".equals(className);
        return variables(className, config).map(all -> List.of(new Part(recurrent ? "cell" : "", "", all)));
    }

    private static Optional<List<Part>> wrapper(
            String className, String inner, Map<String, @Nullable Object> settings) {
        return of(inner, settings).flatMap(parts -> switch (className) {
            case "Bidirectional" -> {
                List<Part> both = new ArrayList<>(within("forward_layer", "forward_", parts));
                both.addAll(within("backward_layer", "backward_", parts));
                yield Optional.of(both);
            }
            case "TimeDistributed" -> Optional.of(within("layer", "", parts));
            default -> Optional.empty();
        });
    }

    private static List<Part> within(String group, String prefix, List<Part> parts) {
        return parts.stream()
                .map(part ->
                        new Part(part.group().isEmpty() ? group : group + "/" + part.group(), prefix, part.variables()))
                .toList();
    }

    private static Optional<List<Variable>> variables(String className, Map<String, @Nullable Object> config) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        switch (className) {
            case "Dense" -> ranks.put(KERNEL, 2);
            case "Conv1D", "Convolution1D" -> ranks.put(KERNEL, 3);
            case "Conv2D", "Convolution2D", "Conv2DTranspose", "Convolution2DTranspose" -> ranks.put(KERNEL, 4);
            case "Conv3D", "Convolution3D", "Conv3DTranspose", "Convolution3DTranspose" -> ranks.put(KERNEL, 5);
            case "DepthwiseConv2D" -> ranks.put("depthwise_kernel", 4);
            case "SeparableConv2D", "SeparableConvolution2D" -> {
                ranks.put("depthwise_kernel", 4);
                ranks.put("pointwise_kernel", 4);
            }
            case "LSTM", "SimpleRNN" -> {
                ranks.put(KERNEL, 2);
                ranks.put("recurrent_kernel", 2);
            }
            case "LocallyConnected1D", "LocallyConnected2D" -> ranks.put(KERNEL, ANY_RANK);
            case "Embedding" -> {
                return Optional.of(List.of(new Variable("embeddings", 2)));
            }
            case "PReLU" -> {
                return Optional.of(List.of(new Variable("alpha", ANY_RANK)));
            }
            case "RMSNormalization" -> {
                return Optional.of(List.of(new Variable("scale", ANY_RANK)));
            }
            case "LayerScale" -> {
                return Optional.of(List.of(new Variable("variable", 1)));
            }
            case "Normalization" -> {
                return Optional.of(normalization(config));
            }
            default -> {
                return norm(className, config);
            }
        }
        if (!Boolean.FALSE.equals(config.get("use_bias"))) {
            ranks.put(
                    BIAS,
                    "LocallyConnected2D".equals(className) || "LocallyConnected1D".equals(className) ? ANY_RANK : 1);
        }
        return Optional.of(ranks.entrySet().stream()
                .map(entry -> new Variable(entry.getKey(), entry.getValue()))
                .toList());
    }

    /** Statistics that adapt() found are variables; those that were given are settings. */
    private static List<Variable> normalization(Map<String, @Nullable Object> config) {
        return config.get("mean") != null
                ? List.of()
                : List.of(
                        new Variable("mean", ANY_RANK),
                        new Variable("variance", ANY_RANK),
                        new Variable("count", 0, false));
    }

    private static Optional<List<Variable>> norm(String className, Map<String, @Nullable Object> config) {
        boolean batch = className.startsWith("BatchNormalization") || "SyncBatchNormalization".equals(className);
        boolean other = "LayerNormalization".equals(className) || "GroupNormalization".equals(className);
        if (!batch && !other) {
            return Optional.empty();
        }
        int rank = "LayerNormalization".equals(className) ? ANY_RANK : 1;
        List<Variable> variables = new ArrayList<>();
        if (!Boolean.FALSE.equals(config.get("scale"))) {
            variables.add(new Variable(GAMMA, rank));
        }
        if (!Boolean.FALSE.equals(config.get("center"))) {
            variables.add(new Variable(BETA, rank));
        }
        if (batch) {
            variables.add(new Variable("moving_mean", rank));
            variables.add(new Variable("moving_variance", rank));
        }
        return Optional.of(variables);
    }
}
