package io.github.dl4jnorm.keras.internal.support;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Rules for the shapes that layers along time, height, width and depth make: convolution, pooling, padding. */
final class SpatialShapes {
    private final int spatial;
    private final Map<String, @Nullable Object> config;
    private final boolean first;

    private SpatialShapes(int spatial, Map<String, @Nullable Object> config) {
        this.spatial = spatial;
        this.config = config;
        first = "channels_first".equals(config.get("data_format"));
    }

    static ShapeRule convolution(int spatial) {
        return rule(spatial, (layer, in) -> layer.convolution(in, false, layer.integer("filters")));
    }

    static ShapeRule transposed(int spatial) {
        return rule(spatial, (layer, in) -> layer.convolution(in, true, layer.integer("filters")));
    }

    static ShapeRule depthwise(int spatial) {
        return rule(
                spatial,
                (layer, in) -> layer.convolution(
                        in, false, times(in.get(layer.channels()), layer.integer("depth_multiplier"))));
    }

    static ShapeRule pooling(int spatial) {
        return rule(spatial, SpatialShapes::pooling);
    }

    static ShapeRule global(int spatial) {
        return rule(spatial, SpatialShapes::global);
    }

    static ShapeRule padding(int spatial) {
        return rule(spatial, (layer, in) -> layer.resized(in, "padding", 1));
    }

    static ShapeRule cropping(int spatial) {
        return rule(spatial, (layer, in) -> layer.resized(in, "cropping", -1));
    }

    static ShapeRule repetition(int spatial) {
        return rule(spatial, SpatialShapes::repeated);
    }

    /** A rule for inputs with a number of axes between those of the batch and the channels; null for other inputs. */
    private static ShapeRule rule(
            int spatial, BiFunction<SpatialShapes, List<@Nullable Integer>, @Nullable List<@Nullable Integer>> output) {
        return (layer, inputs) -> inputs.get(0).size() == spatial + 2
                ? output.apply(new SpatialShapes(spatial, layer.config()), inputs.get(0))
                : null;
    }

    private int channels() {
        return first ? 1 : spatial + 1;
    }

    private int axis(int i) {
        return first ? i + 2 : i + 1;
    }

    private @Nullable List<@Nullable Integer> convolution(
            List<@Nullable Integer> in, boolean transposed, @Nullable Integer filters) {
        int[] kernel = sizes("kernel_size", null);
        int[] strides = sizes("strides", ones());
        int[] dilation = sizes("dilation_rate", ones());
        boolean valid = "valid".equals(config.get("padding"));
        if (kernel == null || strides == null || dilation == null || config.get("output_padding") != null) {
            return null;
        }
        List<@Nullable Integer> result = new ArrayList<>(in);
        for (int i = 0; i < spatial; i++) {
            int reach = (kernel[i] - 1) * dilation[i] + 1;
            Integer size = in.get(axis(i));
            if (transposed) {
                result.set(axis(i), sum(times(size, strides[i]), valid ? Math.max(reach - strides[i], 0) : 0));
            } else {
                result.set(axis(i), windows(size, valid ? reach : 1, strides[i]));
            }
        }
        result.set(channels(), filters);
        return result;
    }

    private @Nullable List<@Nullable Integer> pooling(List<@Nullable Integer> in) {
        int[] pool = sizes("pool_size", null);
        int[] strides = sizes("strides", pool);
        if (pool == null || strides == null) {
            return null;
        }
        boolean valid = "valid".equals(config.get("padding"));
        List<@Nullable Integer> result = new ArrayList<>(in);
        for (int i = 0; i < spatial; i++) {
            result.set(axis(i), windows(in.get(axis(i)), valid ? pool[i] : 1, strides[i]));
        }
        return result;
    }

    /** The number of windows of a length, a stride apart, that fit. */
    private static @Nullable Integer windows(@Nullable Integer size, int length, int stride) {
        return size == null ? null : Integer.valueOf(Math.floorDiv(size - length, stride) + 1);
    }

    private List<@Nullable Integer> global(List<@Nullable Integer> in) {
        if (!Boolean.TRUE.equals(config.get("keepdims"))) {
            return Arrays.asList(in.get(0), in.get(channels()));
        }
        List<@Nullable Integer> result = new ArrayList<>(in);
        for (int i = 0; i < spatial; i++) {
            result.set(axis(i), 1);
        }
        return result;
    }

    /** What is added at, or taken from, both ends: a number, one for each axis, or two for each. */
    private @Nullable List<@Nullable Integer> resized(List<@Nullable Integer> in, String setting, int sign) {
        Object amounts = config.get(setting);
        List<@Nullable Integer> result = new ArrayList<>(in);
        for (int i = 0; i < spatial; i++) {
            Integer amount = amount(amounts, i);
            if (amount == null) {
                return null;
            }
            result.set(axis(i), sum(in.get(axis(i)), sign * amount));
        }
        return result;
    }

    private @Nullable Integer amount(@Nullable Object amounts, int i) {
        if (amounts instanceof Integer both) {
            return 2 * both;
        }
        if (!(amounts instanceof List<?> list)) {
            return null;
        }
        if (spatial == 1) {
            return pair(list);
        }
        Object own = i < list.size() ? list.get(i) : null;
        return own instanceof List<?> ends
                ? pair(ends)
                : own instanceof Integer both ? Integer.valueOf(2 * both) : null;
    }

    private static @Nullable Integer pair(List<?> ends) {
        return ends.size() == 2 && ends.get(0) instanceof Integer a && ends.get(1) instanceof Integer b ? a + b : null;
    }

    private @Nullable List<@Nullable Integer> repeated(List<@Nullable Integer> in) {
        int[] factors = sizes("size", null);
        if (factors == null) {
            return null;
        }
        List<@Nullable Integer> result = new ArrayList<>(in);
        for (int i = 0; i < spatial; i++) {
            result.set(axis(i), times(in.get(axis(i)), factors[i]));
        }
        return result;
    }

    private int[] ones() {
        int[] ones = new int[spatial];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** One number for each axis: a number for all, or a list. */
    private int @Nullable [] sizes(String name, int @Nullable [] otherwise) {
        Object value = config.get(name);
        if (value == null) {
            return otherwise;
        }
        int[] result = new int[spatial];
        for (int i = 0; i < spatial; i++) {
            Object own = value instanceof List<?> list ? i < list.size() ? list.get(i) : null : value;
            if (!(own instanceof Integer size)) {
                return null;
            }
            result[i] = size;
        }
        return result;
    }

    private @Nullable Integer integer(String name) {
        return config.get(name) instanceof Integer number ? number : null;
    }

    private static @Nullable Integer times(@Nullable Integer a, @Nullable Integer b) {
        return a == null || b == null ? null : Integer.valueOf(a * b);
    }

    private static @Nullable Integer sum(@Nullable Integer a, int b) {
        return a == null ? null : Integer.valueOf(a + b);
    }
}
