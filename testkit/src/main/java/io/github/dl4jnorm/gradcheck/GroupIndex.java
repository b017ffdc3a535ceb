package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Groups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Which group each element of an array belongs to.
 *
 * @param text the axes along which elements of a group differ, in words
 * @param axes these axes; of the shape with one axis split, if the groups come from a split
 * @param group number of the group of each element, in 'c' order
 * @param groups number of groups
 * @param size number M of elements of a group
 */
record GroupIndex(String text, int[] axes, int[] group, int groups, int size) {

    /** The groups of a normalization. */
    static GroupIndex of(Groups groups) {
        long[] shape = groups.shape();
        boolean isSplit = groups.splitShape().length > shape.length;
        int channelAxis = groups.affine()[0];
        return isSplit
                ? split(shape, channelAxis, (int) groups.splitShape()[channelAxis], true)
                : of(shape, groups.reduced());
    }

    /** Groups of elements that differ along some axes only. */
    static GroupIndex of(long[] shape, int... axes) {
        return of(named(axes), shape, axes);
    }

    private static String named(int... axes) {
        return axes.length == 1 ? "axis " + axes[0] : "axes " + Arrays.toString(axes);
    }

    private static GroupIndex of(String text, long[] shape, int... axes) {
        int length = Elements.length(shape);
        int size = Elements.length(Arrays.stream(axes).mapToLong(a -> shape[a]).toArray());
        int[] group = new int[length];
        for (int i = 0; i < length; i++) {
            int[] index = Elements.index(i, shape);
            int number = 0;
            for (int axis = 0; axis < shape.length; axis++) {
                int at = axis;
                if (Arrays.stream(axes).noneMatch(a -> a == at)) {
                    number = number * (int) shape[axis] + index[axis];
                }
            }
            group[i] = number;
        }
        return new GroupIndex(text, axes, group, length / size, size);
    }

    /**
     * The groups of GroupNorm: axis 0 and the number of the group are kept, all else is reduced.
     *
     * @param channelAxis the axis that is split
     * @param count number of groups of channels
     * @param neighbouring whether a group is made of neighbouring channels, or of every {@code count}-th one
     */
    private static GroupIndex split(long[] shape, int channelAxis, int count, boolean neighbouring) {
        long inGroup = shape[channelAxis] / count;
        LongStream parts = neighbouring ? LongStream.of(count, inGroup) : LongStream.of(inGroup, count);
        long[] split = LongStream.concat(
                        LongStream.concat(Arrays.stream(shape, 0, channelAxis), parts),
                        Arrays.stream(shape, channelAxis + 1, shape.length))
                .toArray();
        int kept = neighbouring ? channelAxis : channelAxis + 1;
        int[] reduced = IntStream.range(1, split.length).filter(a -> a != kept).toArray();
        String text = "axis " + channelAxis + " in " + count + " groups"
                + (neighbouring ? "" : " of channels that are not neighbours");
        int[] others =
                IntStream.range(1, shape.length).filter(a -> a != channelAxis).toArray();
        if (others.length > 0) {
            text += " and " + named(others);
        }
        return of(text, split, reduced);
    }

    /** The groups by all non-empty sets of axes, few axes first. */
    static List<GroupIndex> byAxes(long... shape) {
        List<GroupIndex> all = new ArrayList<>();
        for (int set = 1; set < 1 << shape.length; set++) {
            int bits = set;
            all.add(of(
                    shape,
                    IntStream.range(0, shape.length)
                            .filter(a -> (bits >> a & 1) == 1)
                            .toArray()));
        }
        all.sort(Comparator.comparingInt(p -> p.axes.length));
        return all;
    }

    /** Groups that somebody may take for those of a GroupNorm: more or fewer, or of channels that are not neighbours. */
    static List<GroupIndex> bySplit(long[] shape, int channelAxis) {
        List<GroupIndex> all = new ArrayList<>();
        int channels = (int) shape[channelAxis];
        for (int count = 2; count < channels; count++) {
            if (channels % count == 0) {
                all.add(split(shape, channelAxis, count, true));
                all.add(split(shape, channelAxis, count, false));
            }
        }
        return all;
    }

    /** The sum over each element's group. */
    double[] sums(double... values) {
        double[] sums = new double[groups];
        for (int i = 0; i < values.length; i++) {
            sums[group[i]] += values[i];
        }
        return spread(sums);
    }

    /** The mean of each element's group. */
    double[] means(double... values) {
        return Arrays.stream(sums(values)).map(sum -> sum / size).toArray();
    }

    /** One value per group, for each of its elements. */
    double[] spread(double... perGroup) {
        return Arrays.stream(group).mapToDouble(g -> perGroup[g]).toArray();
    }

    boolean together(int i, int j) {
        return group[i] == group[j];
    }

    boolean sameAs(GroupIndex other) {
        return Arrays.equals(group, other.group);
    }

    /** Whether values differ within a group only by rounding. */
    boolean areEqualWithin(double tolerance, double... values) {
        double[] means = means(values);
        return IntStream.range(0, values.length)
                .allMatch(i -> Math.abs(values[i] - means[i]) <= tolerance * Math.abs(means[i]));
    }
}
