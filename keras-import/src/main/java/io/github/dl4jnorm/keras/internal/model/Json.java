package io.github.dl4jnorm.keras.internal.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects and lists of parsed JSON, which are mutable maps and lists. */
public final class Json {
    private Json() {}

    /**
     * Reads an object.
     *
     * @param value anything that JSON may have
     * @return the value; null if it is no object
     */
    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    public static @Nullable Map<String, @Nullable Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : null;
    }

    /**
     * Reads objects in a list, and passes over what else is in it.
     *
     * @param value anything that JSON may have
     * @return the objects, in a new list; none if the value is no list
     */
    public static List<Map<String, @Nullable Object>> objects(@Nullable Object value) {
        List<Map<String, @Nullable Object>> result = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object element : list) {
                if (element instanceof Map) {
                    result.add(object(element));
                }
            }
        }
        return result;
    }

    /**
     * Reads a shape: a list of whole numbers, null for sizes that are not fixed.
     *
     * @param value anything that JSON may have
     * @return the sizes, in a new list; null if the value is something else, as a list of shapes
     */
    public static @Nullable List<@Nullable Integer> shape(@Nullable Object value) {
        if (!(value instanceof List<?> sizes)) {
            return null;
        }
        List<@Nullable Integer> result = new ArrayList<>();
        for (Object size : sizes) {
            if (size != null && !(size instanceof Integer)) {
                return null;
            }
            result.add((Integer) size);
        }
        return result;
    }
}
