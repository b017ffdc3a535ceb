package io.github.dl4jnorm.rewrite;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The fields of an object, those of its superclasses included, by reflection: all of them, also those of later versions. */
public final class Fields {
    private Fields() {}

    /**
     * Names and values.
     *
     * @param object any object
     * @return a new map; the fields of all its classes have names of their own, or this throws
     */
    public static Map<String, Object> of(Object object) {
        Map<String, Object> values = new TreeMap<>();
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
                    String name = field.getName();
                    if (values.containsKey(name)) {
                        throw new IllegalArgumentException(object.getClass() + " has two fields " + name);
                    }
                    values.put(name, get(object, field));
                }
            }
        }
        return values;
    }

    /** Names and values, but of some. */
    static Map<String, Object> without(Object object, String... names) {
        Map<String, Object> values = of(object);
        values.keySet().removeAll(List.of(names));
        return values;
    }

    private static Object get(Object object, Field field) {
        try {
            field.setAccessible(true);
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets a field, whatever setters there are. */
    static void set(Object object, String name, Object value) {
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            try {
                Field field = type.getDeclaredField(name);
                field.setAccessible(true);
                field.set(object, value);
                return;
            } catch (NoSuchFieldException e) {
                // It is one of a superclass.
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalArgumentException(object.getClass() + " has no field " + name);
    }

    /**
     * Another value of the same type.
     *
     * @throws IllegalArgumentException if there is no telling: then say one
     */
    static Object another(String name, Object value) {
        if (value instanceof Boolean flag) {
            return !flag;
        }
        if (value instanceof Integer number) {
            return number + 1;
        }
        if (value instanceof Long number) {
            return number + 1;
        }
        if (value instanceof Enum<?> constant) {
            Object[] all = constant.getDeclaringClass().getEnumConstants();
            return all[(constant.ordinal() + 1) % all.length];
        }
        throw new IllegalArgumentException("field " + name + " is " + value + ": say another value");
    }
}
