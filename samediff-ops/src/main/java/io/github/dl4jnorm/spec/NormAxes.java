package io.github.dl4jnorm.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which elements share a statistic, and along which axes γ and β vary, for arrays of any shape: {@link #on} says what it
 * amounts to on one of them. Axes count from 0, negative ones from the end.
 *
 * <table>
 *   <caption>The normalizations of an [N, C, H, W] array as axes</caption>
 *   <tr><th>normalization</th><th>made by</th><th>reduced</th><th>kept</th><th>γ and β along</th></tr>
 *   <tr><td>BatchNorm</td><td>{@code perChannel(1)}</td><td>N, H, W</td><td>C</td><td>C</td></tr>
 *   <tr><td>LayerNorm, RMSNorm, x/Σx, x/‖x‖</td><td>{@code over(1, 2, 3)}</td><td>C, H, W</td><td>N</td><td>C, H, W</td></tr>
 *   <tr><td>the same over the channels</td><td>{@code over(1)}</td><td>C</td><td>N, H, W</td><td>C</td></tr>
 *   <tr><td>InstanceNorm</td><td>{@code perExampleAndChannel(1)}</td><td>H, W</td><td>N, C</td><td>C</td></tr>
 *   <tr><td>GroupNorm, C split into G × C/G</td><td>{@code perExampleAndGroup(G, 1)}</td><td>C/G, H, W</td><td>N, G</td><td>C</td></tr>
 * </table>
 *
 * @param kind what the axes say
 * @param groups number of groups G into which the channels are split, for {@link Kind#PER_EXAMPLE_AND_GROUP}, else 0
 * @param axes the reduced axes of {@link Kind#OVER}, else the one axis of the channels
 */
public record NormAxes(Kind kind, int groups, List<Integer> axes) {
    /** What the axes of a {@link NormAxes} say. */
    public enum Kind {
        /** One statistic per index of the axis. */
        PER_CHANNEL(1),
        /** One statistic per index of all other axes. */
        OVER(2),
        /** One statistic per index of axis 0, the examples, and of the axis. */
        PER_EXAMPLE_AND_CHANNEL(3),
        /** One statistic per index of axis 0, the examples, and group of neighbouring indices of the axis. */
        PER_EXAMPLE_AND_GROUP(4);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The number of this kind in saved graphs; never reused for another. */
        int code() {
            return code;
        }

        static Kind withCode(long code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("expected the code of a kind of axes, got " + code);
        }
    }

    /**
     * Copies the list of axes.
     *
     * @param kind what the axes say
     * @param groups number of groups, else 0
     * @param axes axes
     */
    public NormAxes {
        axes = List.copyOf(axes);
    }

    /**
     * One statistic, γ and β per index of the axis of the channels: BatchNorm.
     *
     * @param channelAxis axis of the channels
     * @return the axes
     */
    public static NormAxes perChannel(int channelAxis) {
        return new NormAxes(Kind.PER_CHANNEL, 0, List.of(channelAxis));
    }

    /**
     * One statistic over all elements that differ in their index along some axes only, and γ and β of the shape of these
     * axes: LayerNorm, RMSNorm, x/Σx, x/‖x‖.
     *
     * @param axes one or more different axes, in any order
     * @return the axes
     */
    public static NormAxes over(int... axes) {
        List<Integer> list = new ArrayList<>();
        if (axes != null) {
            Arrays.stream(axes).forEach(list::add);
        }
        return new NormAxes(Kind.OVER, 0, list);
    }

    /**
     * One statistic per example and channel, γ and β per channel: InstanceNorm.
     *
     * @param channelAxis axis of the channels, not 0
     * @return the axes
     */
    public static NormAxes perExampleAndChannel(int channelAxis) {
        return new NormAxes(Kind.PER_EXAMPLE_AND_CHANNEL, 0, List.of(channelAxis));
    }

    /**
     * One statistic per example and group of neighbouring channels, γ and β per channel: GroupNorm.
     *
     * @param groups number of groups G, a divisor of the number of channels
     * @param channelAxis axis of the channels, not 0
     * @return the axes
     */
    public static NormAxes perExampleAndGroup(int groups, int channelAxis) {
        return new NormAxes(Kind.PER_EXAMPLE_AND_GROUP, groups, List.of(channelAxis));
    }

    /**
     * The groups of an array.
     *
     * @param who what asks, for the message of an exception
     * @param shape shape of the array, no axis of size 0; a size of −1 is not known
     * @return its groups
     * @throws IllegalArgumentException if the rank, an axis, the number of groups or the shape is not as said
     */
    public Groups on(String who, long... shape) {
        int[] resolved = resolved(who, shape);
        return switch (kind) {
            case PER_CHANNEL -> Groups.keeping(rankAtLeast(2, who, shape), resolved, resolved);
            case OVER -> Groups.reducing(shape, resolved);
            case PER_EXAMPLE_AND_CHANNEL -> {
                int channels = notBatch(who, rankAtLeast(3, who, shape), resolved[0]);
                yield Groups.keeping(shape, new int[] {0, channels}, new int[] {channels});
            }
            case PER_EXAMPLE_AND_GROUP -> {
                int channels = notBatch(who, rankAtLeast(2, who, shape), resolved[0]);
                if (groups < 1 || shape[channels] > 0 && shape[channels] % groups != 0) {
                    throw new IllegalArgumentException(who + ": expected a number of groups that divides the "
                            + shape[channels] + " channels on axis " + channels + ", got " + groups + " (shape "
                            + Arrays.toString(shape) + ")");
                }
                yield Groups.splitting(shape, channels, groups);
            }
        };
    }

    /**
     * Checks what can be checked without a shape, for callers that do not know one yet.
     *
     * @param who what asks, for the message of an exception
     * @throws IllegalArgumentException if there is no axis, an axis is there twice, or the number of groups is
     *     less than 1
     */
    public void check(String who) {
        if (axes.isEmpty()) {
            throw new IllegalArgumentException(who + ": expected at least one axis, got none");
        }
        for (int axis : axes) {
            if (axes.indexOf(axis) != axes.lastIndexOf(axis)) {
                throw new IllegalArgumentException(who + ": axis " + axis + " is repeated in " + axes);
            }
        }
        if (kind == Kind.PER_EXAMPLE_AND_GROUP && groups < 1) {
            throw new IllegalArgumentException(who + ": expected 1 or more groups, got " + groups);
        }
    }

    private int[] resolved(String who, long... shape) {
        if (axes.isEmpty()) {
            throw new IllegalArgumentException(who + ": expected at least one axis, got none");
        }
        for (long size : shape) {
            if (size == 0) {
                throw new IllegalArgumentException(
                        who + ": expected a non-empty array, got shape " + Arrays.toString(shape));
            }
        }
        int[] sorted = new int[axes.size()];
        for (int i = 0; i < sorted.length; i++) {
            int axis = axes.get(i);
            if (axis < -shape.length || axis >= shape.length) {
                throw new IllegalArgumentException(who + ": axis " + axis + " is out of range for rank " + shape.length
                        + " (shape " + Arrays.toString(shape) + ")");
            }
            sorted[i] = axis < 0 ? axis + shape.length : axis;
        }
        Arrays.sort(sorted);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                throw new IllegalArgumentException(who + ": axis " + sorted[i] + " is repeated in " + axes + " (shape "
                        + Arrays.toString(shape) + ")");
            }
        }
        return sorted;
    }

    private static long[] rankAtLeast(int rank, String who, long... shape) {
        if (shape.length < rank) {
            throw new IllegalArgumentException(
                    who + ": expected an array of rank " + rank + " or more, got shape " + Arrays.toString(shape));
        }
        return shape;
    }

    private static int notBatch(String who, long[] shape, int axis) {
        if (axis == 0) {
            throw new IllegalArgumentException(
                    who + ": expected the channels on an axis behind axis 0, the examples, of" + " shape "
                            + Arrays.toString(shape));
        }
        return axis;
    }
}
