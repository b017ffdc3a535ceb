package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings of one Keras layer, in the spellings of Keras 1, 2 and 3. Every message names the layer. */
final class LayerSettings {
    private static final Logger LOG = LoggerFactory.getLogger(LayerSettings.class);

    private final String who;
    private final Map<?, ?> settings;

    LayerSettings(String who, Map<?, ?> settings) {
        this.who = who;
        this.settings = settings;
    }

    boolean flag(String name, boolean otherwise) throws InvalidKerasConfigurationException {
        return setting(name, Boolean.class, "true or false", otherwise);
    }

    double number(String name, double otherwise) throws InvalidKerasConfigurationException {
        return setting(name, Number.class, "a number", otherwise).doubleValue();
    }

    int whole(String name, int otherwise) throws InvalidKerasConfigurationException {
        return setting(name, Integer.class, "a whole number", otherwise);
    }

    private <T> T setting(String name, Class<T> type, String expected, T otherwise)
            throws InvalidKerasConfigurationException {
        Object value = settings.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!type.isInstance(value)) {
            throw unexpected(name, expected, value);
        }
        return type.cast(value);
    }

    /** A text, or null. */
    @Nullable String text(String name) {
        return settings.get(name) instanceof String text ? text : null;
    }

    /** One axis or several: a number, a list, or a list that Keras wrapped. */
    int[] axes(int otherwise) throws InvalidKerasConfigurationException {
        Object value = settings.get("axis");
        Object unwrapped = value instanceof Map<?, ?> tuple ? tuple.get("items") : value;
        if (value == null) {
            return new int[] {otherwise};
        }
        List<?> axes = unwrapped instanceof List<?> list ? list : Arrays.asList(unwrapped);
        if (axes.isEmpty() || !axes.stream().allMatch(Integer.class::isInstance)) {
            throw unexpected("axis", "a whole number or a list of them", value);
        }
        return axes.stream().mapToInt(axis -> (Integer) axis).toArray();
    }

    /** Whether a setting is there. */
    boolean has(String name) {
        return settings.containsKey(name);
    }

    /** Sizes with null for those that are not known; or null if there is no list of them. */
    @Nullable List<@Nullable Integer> sizes(String name) {
        return Json.shape(settings.get(name));
    }

    /** The factors of a penalty λ₁·Σ|w| + λ₂·Σw² on a weight. A regularizer of another kind is ignored with a warning. */
    Penalty penalty(String name) {
        return Penalty.of(settings.get(name)).orElseGet(() -> {
            LOG.warn("{}: {} {} is ignored: it would matter in training only", who, name, settings.get(name));
            return Penalty.NONE;
        });
    }

    /** Warns about what only training would notice. */
    void ignoreInTraining(String... names) {
        for (String name : names) {
            if (settings.get(name) != null) {
                LOG.warn("{}: {} is ignored: it would matter in training only", who, name);
            }
        }
    }

    /**
     * Refuses a setting that changes what the layer computes.
     *
     * @throws UnsupportedKerasConfigurationException if it is set, and neither false nor 0
     */
    void refuse(String name, String why) throws UnsupportedKerasConfigurationException {
        Object value = settings.get(name);
        boolean off = value == null
                || Boolean.FALSE.equals(value)
                || Integer.valueOf(0).equals(value);
        if (!off) {
            throw new UnsupportedKerasConfigurationException(
                    who + ": " + name + " = " + value + " is not supported: " + why);
        }
    }

    private InvalidKerasConfigurationException unexpected(String name, String expected, Object value) {
        return new InvalidKerasConfigurationException(
                who + ": expected " + expected + " for " + name + ", got " + value);
    }
}
