package io.github.dl4jnorm.layercheck;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.shade.jackson.annotation.JsonIgnore;

/** The fields of two configurations, including those that their {@code equals} forgets. */
final class Fields {
    private Fields() {}

    /** Demands equal values of all fields, but those declared not to be written, or behind a field of the same name. */
    static void same(Layer expected, Layer actual) {
        if (expected.getClass() != actual.getClass()) {
            throw new CheckFailure("the copy is a " + actual.getClass().getName());
        }
        Set<String> seen = new HashSet<>();
        for (Class<?> type = expected.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (seen.add(field.getName()) && isWritten(field)) {
                    same(field, expected, actual);
                }
            }
        }
    }

    private static void same(Field field, Layer expected, Layer actual) {
        Object wanted = value(field, expected);
        Object got = value(field, actual);
        if (isComparable(wanted) && !Objects.deepEquals(wanted, got)) {
            throw new CheckFailure("field " + field.getName() + ": " + text(wanted) + " became " + text(got));
        }
    }

    private static boolean isWritten(Field field) {
        int modifiers = field.getModifiers();
        return !Modifier.isStatic(modifiers)
                && !Modifier.isTransient(modifiers)
                && !field.isAnnotationPresent(JsonIgnore.class);
    }

    private static Object value(Field field, Layer layer) {
        field.setAccessible(true);
        try {
            return field.get(layer);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("field " + field + " cannot be read", e);
        }
    }

    /** Whether equality means equal contents. */
    private static boolean isComparable(Object value) {
        if (value == null || value.getClass().isArray()) {
            return true;
        }
        try {
            return value.getClass().getMethod("equals", Object.class).getDeclaringClass() != Object.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Object value) {
        String text = Arrays.deepToString(new Object[] {value});
        return text.substring(1, text.length() - 1);
    }
}
