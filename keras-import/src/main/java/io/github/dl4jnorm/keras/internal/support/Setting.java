package io.github.dl4jnorm.keras.internal.support;

import java.util.Collection;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a setting of a layer.
 *
 * @param name its name in Keras 2 and 3
 * @param accepted the values that are imported
 * @param values those values in words
 * @param otherwise why others are not, and what would work; null if no other has been compared with Keras yet
 */
record Setting(
        String name,
        Predicate<Object> accepted,
        String values,
        @Nullable String otherwise) {

    /** Any value. */
    static Setting any(String name) {
        return new Setting(name, value -> true, "", null);
    }

    /** A few values; others may be right or wrong. */
    static Setting only(String name, Collection<?> values) {
        return new Setting(name, values::contains, list(values), null);
    }

    /** A few values; others are known to be imported wrongly. */
    static Setting only(String name, Collection<?> values, String otherwise) {
        return new Setting(name, values::contains, list(values), otherwise);
    }

    private static String list(Collection<?> values) {
        return String.join(", ", values.stream().map(String::valueOf).toList());
    }

    /** Whether a value is imported. Null is what a layer does by itself. */
    boolean accepts(@Nullable Object value) {
        return value == null || accepted.test(value);
    }
}
