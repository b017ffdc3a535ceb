package io.github.dl4jnorm.keras;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Random weights of layers, by Keras' names, none of them at its initial value. */
final class Norms {
    private Norms() {}

    static Map<String, Tensor> batch(Random random, boolean scale, boolean center, int size) {
        Map<String, Tensor> weights = layer(random, scale, center, size);
        weights.put("moving_mean", Tensor.of(random, -1, 1, size));
        weights.put("moving_variance", Tensor.of(random, 0.3, 2, size));
        return weights;
    }

    static Map<String, Tensor> layer(Random random, boolean scale, boolean center, int... sizes) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        if (scale) {
            weights.put("gamma", Tensor.of(random, 0.5, 2, sizes));
        }
        if (center) {
            weights.put("beta", Tensor.of(random, -1, 1, sizes));
        }
        return weights;
    }

    static Map<String, Tensor> linear(Random random, int... kernel) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("kernel", Tensor.of(random, -0.5, 0.5, kernel));
        weights.put("bias", Tensor.of(random, -0.5, 0.5, kernel[kernel.length - 1]));
        return weights;
    }

    static Map<String, Tensor> lstm(Random random, int in, int units) {
        Map<String, Tensor> weights = linear(random, in, 4 * units);
        weights.put("recurrent_kernel", Tensor.of(random, -0.5, 0.5, units, 4 * units));
        return weights;
    }

    static Tensor batchNorm(Tensor x, int axis, double eps, Map<String, Tensor> weights) {
        return x.batchNorm(
                axis,
                weights.get("gamma"),
                weights.get("beta"),
                weights.get("moving_mean"),
                weights.get("moving_variance"),
                eps);
    }

    static Tensor layerNorm(Tensor x, double eps, Map<String, Tensor> weights, int... axes) {
        return x.layerNorm(weights.get("gamma"), weights.get("beta"), eps, axes);
    }

    static Tensor groupNorm(Tensor x, int groups, int axis, double eps, Map<String, Tensor> weights) {
        return x.groupNorm(groups, axis, weights.get("gamma"), weights.get("beta"), eps);
    }

    static Tensor convolution(Tensor x, Map<String, Tensor> weights) {
        return x.convolution(weights.get("kernel"), weights.get("bias"));
    }

    static Tensor dense(Tensor x, Map<String, Tensor> weights) {
        return x.dense(weights.get("kernel"), weights.get("bias"));
    }

    static Tensor lstm(Tensor x, Map<String, Tensor> weights) {
        return x.lstm(weights.get("kernel"), weights.get("recurrent_kernel"), weights.get("bias"));
    }
}
