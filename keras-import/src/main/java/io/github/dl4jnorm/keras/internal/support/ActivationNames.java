package io.github.dl4jnorm.keras.internal.support;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Activation functions whose numbers have been compared with Keras. */
public final class ActivationNames {
    /** Those that DL4J's importer knows, or knows by another name, and computes as Keras does. */
    public static final Set<String> DL4J = sorted(
            "linear",
            "softmax",
            "softplus",
            "softsign",
            "relu",
            "relu6",
            "elu",
            "selu",
            "tanh",
            "sigmoid",
            "swish",
            "silu");

    /** Those that have been compared inside recurrent layers. */
    static final List<String> INNER = List.of("hard_sigmoid", "linear", "relu", "sigmoid", "softsign", "tanh");

    private static final Set<String> OTHERS = Set.of(
            "gelu",
            "hard_sigmoid",
            "hard_silu",
            "hard_swish",
            "exponential",
            "log_sigmoid",
            "mish",
            "leaky_relu",
            "celu",
            "hard_tanh");

    private ActivationNames() {}

    private static Set<String> sorted(String... names) {
        return Collections.unmodifiableSet(new TreeSet<>(List.of(names)));
    }

    /**
     * All of them, in layers whose activation is one function at the end.
     *
     * @return in alphabetical order
     */
    public static Set<String> all() {
        Set<String> all = new TreeSet<>(DL4J);
        all.addAll(OTHERS);
        return all;
    }
}
