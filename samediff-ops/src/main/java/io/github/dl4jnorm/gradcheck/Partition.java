package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The elements of an array in groups that differ along the kept axes only.
 *
 * @param axes the reduced axes: elements of a group differ along these
 * @param group number of the group of each element
 * @param groups number of groups
 * @param size number of elements of a group
 */
record Partition(int[] axes, int[] group, int groups, int size) {

    static Partition of(long[] shape, int... axes) {
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
        return new Partition(axes, group, length / size, size);
    }

    /** The partitions by all non-empty sets of axes, few axes first. */
    static List<Partition> all(long... shape) {
        List<Partition> all = new ArrayList<>();
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

    /** The mean of each element's group. */
    double[] means(double... values) {
        double[] sums = new double[groups];
        for (int i = 0; i < values.length; i++) {
            sums[group[i]] += values[i];
        }
        return spread(Arrays.stream(sums).map(sum -> sum / size).toArray());
    }

    /** The biased variance of each element's group. */
    double[] variances(double... values) {
        double[] means = means(values);
        return means(IntStream.range(0, values.length)
                .mapToDouble(i -> (values[i] - means[i]) * (values[i] - means[i]))
                .toArray());
    }

    /** One value per group, for each of its elements. */
    double[] spread(double... perGroup) {
        return Arrays.stream(group).mapToDouble(g -> perGroup[g]).toArray();
    }

    boolean together(int i, int j) {
        return group[i] == group[j];
    }

    String describe() {
        return axes.length == 1 ? "axis " + axes[0] : "axes " + Arrays.toString(axes);
    }
}
