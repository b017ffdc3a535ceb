package io.github.dl4jnorm.keras.internal.support;

import static io.github.dl4jnorm.keras.internal.support.LayerSupport.refused;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.repaired;
import static io.github.dl4jnorm.keras.internal.support.LayerSupport.verified;

import java.util.List;

/** Activation functions that are layers. */
final class ActivationSupport {
    private ActivationSupport() {}

    static List<LayerSupport> lines() {
        return List.of(
                verified("Activation", "ActivationLayer").is(Kind.ACTIVATION).activation(),
                repaired("ReLU", "ActivationLayer, with its numbers as fractions")
                        .is(Kind.ACTIVATION)
                        .any("max_value", "negative_slope", "threshold"),
                repaired("LeakyReLU", "ActivationLayer, with Keras' slope")
                        .is(Kind.ACTIVATION)
                        .any("negative_slope", "alpha"),
                repaired("ELU", "ActivationLayer, with its numbers as fractions")
                        .is(Kind.ACTIVATION)
                        .any("alpha"),
                verified("ThresholdedReLU", "ActivationLayer")
                        .is(Kind.ACTIVATION)
                        .any("theta"),
                verified("Softmax", "ActivationLayer")
                        .is(Kind.ACTIVATION)
                        .any("axis")
                        .unless(
                                use -> use.notLast("axis"),
                                "an axis other than the last",
                                "DL4J sums over the last one; permute in Keras"),
                refused("PReLU", "DL4J does not read its slopes; use a LeakyReLU")
                        .is(Kind.ACTIVATION));
    }
}
