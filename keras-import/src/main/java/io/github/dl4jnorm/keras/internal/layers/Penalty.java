package io.github.dl4jnorm.keras.internal.layers;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A penalty λ₁·Σ|w| + λ₂·Σw² on a weight.
 *
 * @param l1 λ₁
 * @param l2 λ₂
 */
public record Penalty(double l1, double l2) {
    /** No penalty. */
    static final Penalty NONE = new Penalty(0, 0);

    private static final Set<String> KINDS = Set.of("L1", "L2", "L1L2", "WeightRegularizer");

    /** λ₁ and λ₂ of a regularizer that is given by its name alone. */
    private static final double OF_A_NAME = 0.01;

    /**
     * The penalty of a regularizer.
     *
     * @param regularizer as one of the versions of Keras writes it; null for none
     * @return empty if it is of another kind
     */
    public static Optional<Penalty> of(@Nullable Object regularizer) {
        if (regularizer == null) {
            return Optional.of(NONE);
        }
        if (regularizer instanceof String name) {
            return named(name.replace("_", "").toUpperCase(Locale.ROOT));
        }
        if (!(regularizer instanceof Map<?, ?> map)) {
            return Optional.empty();
        }
        Object kind = map.containsKey("class_name") ? map.get("class_name") : map.get("name");
        Map<?, ?> factors = map.get("config") instanceof Map<?, ?> config ? config : map;
        return (kind == null || kind instanceof String text && KINDS.contains(text))
                        && isFactor(factors.get("l1"))
                        && isFactor(factors.get("l2"))
                ? Optional.of(new Penalty(factor(factors.get("l1")), factor(factors.get("l2"))))
                : Optional.empty();
    }

    private static Optional<Penalty> named(String kind) {
        return KINDS.contains(kind)
                ? Optional.of(new Penalty("L2".equals(kind) ? 0 : OF_A_NAME, "L1".equals(kind) ? 0 : OF_A_NAME))
                : Optional.empty();
    }

    private static boolean isFactor(@Nullable Object value) {
        return value == null || value instanceof Number;
    }

    private static double factor(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() : 0;
    }

    boolean isNone() {
        return l1 == 0 && l2 == 0;
    }

    /** {@return λ₂ as DL4J counts it: its penalty is l2/2·Σw²} */
    public double dl4jL2() {
        return 2 * l2;
    }
}
