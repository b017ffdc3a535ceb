package io.github.dl4jnorm.keras.internal.support;

import java.util.Set;
import java.util.TreeSet;

/** Activation functions whose numbers have been compared with Keras. */
final class Activations {
    static final String HINT = "DL4J has no such function in its importer, or none that gives the same numbers";

    private static final Set<String> VERIFIED = Set.of(
            "elu",
            "hard_sigmoid",
            "linear",
            "relu",
            "relu6",
            "selu",
            "sigmoid",
            "softmax",
            "softplus",
            "softsign",
            "swish",
            "tanh");

    private Activations() {}

    static boolean isVerified(Object name) {
        return name instanceof String && VERIFIED.contains(name);
    }

    static String list() {
        return String.join(", ", new TreeSet<>(VERIFIED));
    }
}
