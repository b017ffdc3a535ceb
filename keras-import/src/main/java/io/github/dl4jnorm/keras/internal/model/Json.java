package io.github.dl4jnorm.keras.internal.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Objects and lists of parsed JSON, which are mutable maps and lists. */
public final class Json {
    private Json() {}

    /**
     * A value as an object, or null if it is none.
     *
     * @param value anything
     * @return a value as an object, or null if it is none
     */
    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    public static Map<String, Object> object(Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : null;
    }

    /**
     * The objects in a list; none if the value is no list.
     *
     * @param value anything
     * @return the objects in a list; none if the value is no list
     */
    public static List<Map<String, Object>> objects(Object value) {
        List<Map<String, Object>> result = new ArrayList<>();
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
     * A shape, or null if this is none; a list of shapes is none either.
     *
     * @param value anything
     * @return a shape, or null if this is none; a list of shapes is none either
     */
    public static List<Integer> shape(Object value) {
        if (!(value instanceof List<?> sizes)) {
            return null;
        }
        List<Integer> result = new ArrayList<>();
        for (Object size : sizes) {
            if (size != null && !(size instanceof Integer)) {
                return null;
            }
            result.add((Integer) size);
        }
        return result;
    }
}
