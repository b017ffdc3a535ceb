package io.github.dl4jnorm.spec;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * {@link NormAxes} on an array of one shape: the axes fall into <em>reduced</em> axes, whose elements form a group with
 * one statistic, and <em>kept</em> axes, along which groups differ; γ and β vary along the <em>affine</em> axes.
 *
 * <p>GroupNorm splits the axis of the channels in two, [G, C/G], of which the first is kept and the second reduced. So
 * there are two shapes: that of the array, and {@link #splitShape()}, which is the same without a split. Axes are axes of
 * the split shape; arrays per group have the sizes of the kept axes, parameters those of the affine axes before the
 * split, all in increasing order of axes. Immutable.
 */
public final class Groups {
    private static final int NO_SPLIT = -1;

    private final long[] shape;
    private final int splitAxis;
    private final long[] splitShape;
    private final int[] reduced;
    private final int[] kept;
    private final int[] affine;
    private final long[] parameterShape;

    private Groups(
            long[] shape, int splitAxis, long[] splitShape, int[] reduced, int[] affine, long... parameterShape) {
        this.shape = shape.clone();
        this.splitAxis = splitAxis;
        this.splitShape = splitShape;
        this.reduced = reduced;
        this.kept = complement(reduced, splitShape.length);
        this.affine = affine;
        this.parameterShape = parameterShape;
    }

    static Groups keeping(long[] shape, int[] kept, int... affine) {
        int[] reduced = complement(kept, shape.length);
        return new Groups(shape, NO_SPLIT, shape.clone(), reduced, affine, sizes(shape, affine));
    }

    static Groups reducing(long[] shape, int... reduced) {
        return new Groups(shape, NO_SPLIT, shape.clone(), reduced, reduced, sizes(shape, reduced));
    }

    /** Keeps axis 0 and the groups of an axis that is split. */
    static Groups splitting(long[] shape, int axis, int groups) {
        long[] split = LongStream.concat(
                        LongStream.concat(
                                Arrays.stream(shape, 0, axis),
                                LongStream.of(groups, Math.max(1, shape[axis] / groups))),
                        Arrays.stream(shape, axis + 1, shape.length))
                .toArray();
        int[] reduced = complement(new int[] {0, axis}, split.length);
        return new Groups(shape, axis, split, reduced, new int[] {axis, axis + 1}, shape[axis]);
    }

    private static int[] complement(int[] axes, int rank) {
        int[] others = new int[rank];
        int count = 0;
        for (int axis = 0; axis < rank; axis++) {
            if (!contains(axes, axis)) {
                others[count++] = axis;
            }
        }
        return Arrays.copyOf(others, count);
    }

    private static boolean contains(int[] axes, int axis) {
        for (int a : axes) {
            if (a == axis) {
                return true;
            }
        }
        return false;
    }

    private static long[] sizes(long[] shape, int... axes) {
        long[] sizes = new long[axes.length];
        for (int i = 0; i < axes.length; i++) {
            sizes[i] = shape[axes[i]];
        }
        return sizes;
    }

    /** {@return the shape of the array, as a new array} */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * Whether an array has these groups: {@link #shape} without a copy.
     *
     * @param other shape of an array
     * @return true if it is the shape of the array that these are the groups of
     */
    public boolean isOf(long... other) {
        return Arrays.equals(shape, other);
    }

    /**
     * {@return the shape whose axes all methods speak of: that of the array, with the axis of the channels split in two
     * if so wanted}
     */
    public long[] splitShape() {
        return splitShape.clone();
    }

    /**
     * The strides of the split shape.
     *
     * @param strides strides of an array of {@link #shape()}
     * @return a new array, one stride per axis of {@link #splitShape()}
     */
    public long[] split(long... strides) {
        if (splitAxis == NO_SPLIT) {
            return strides.clone();
        }
        long stride = strides[splitAxis];
        return LongStream.concat(
                        LongStream.concat(
                                Arrays.stream(strides, 0, splitAxis),
                                LongStream.of(splitShape[splitAxis + 1] * stride, stride)),
                        Arrays.stream(strides, splitAxis + 1, strides.length))
                .toArray();
    }

    /**
     * The strides of the split shape for an array that has one value per group.
     *
     * @param strides strides of an array of {@link #statisticShape()}
     * @return a new array, 0 along the reduced axes
     */
    public long[] alongKept(long... strides) {
        return along(kept, strides);
    }

    /**
     * The strides of the split shape for a parameter.
     *
     * @param strides strides of an array of {@link #parameterShape()}
     * @return a new array, 0 along all axes but the affine ones
     */
    public long[] alongAffine(long... strides) {
        if (splitAxis == NO_SPLIT) {
            return along(affine, strides);
        }
        return along(affine, splitShape[splitAxis + 1] * strides[0], strides[0]);
    }

    private long[] along(int[] axes, long... strides) {
        long[] all = new long[splitShape.length];
        for (int i = 0; i < axes.length; i++) {
            all[axes[i]] = strides[i];
        }
        return all;
    }

    /** {@return the axes whose elements share a statistic, increasing} */
    public int[] reduced() {
        return reduced.clone();
    }

    /** {@return the axes along which groups differ, increasing; empty if all of the array is one group} */
    public int[] kept() {
        return kept.clone();
    }

    /** {@return the axes along which γ and β vary, increasing} */
    public int[] affine() {
        return affine.clone();
    }

    /**
     * The axes over which the gradients of γ and β are summed: what is broadcast forward is summed backward.
     *
     * @return a new array, increasing; empty if γ has the shape of the array
     */
    public int[] affineSummed() {
        return complement(affine, splitShape.length);
    }

    /**
     * Whether elements of one group differ along an axis of the array, as it was before a split.
     *
     * @param axis an axis of {@link #shape()}
     * @return true if so
     */
    public boolean reducesAxis(int axis) {
        return IntStream.of(reduced)
                .map(a -> splitAxis != NO_SPLIT && a > splitAxis ? a - 1 : a)
                .anyMatch(a -> a == axis);
    }

    /** {@return the number M of elements that share a statistic} */
    public long groupSize() {
        return product(sizes(splitShape, reduced));
    }

    /** {@return the shape of arrays with one value per group: the sizes of the kept axes} */
    public long[] statisticShape() {
        return sizes(splitShape, kept);
    }

    /** {@return the shape of γ and β: the sizes of the affine axes, before a split} */
    public long[] parameterShape() {
        return parameterShape.clone();
    }

    /** {@return the split shape with 1 along the reduced axes, in which statistics broadcast against it} */
    public long[] statisticBroadcast() {
        return onesBut(kept);
    }

    /** {@return the split shape with 1 along all axes but the affine ones, in which parameters broadcast against it} */
    public long[] parameterBroadcast() {
        return onesBut(affine);
    }

    private long[] onesBut(int... axes) {
        long[] ones = new long[splitShape.length];
        Arrays.fill(ones, 1);
        for (int axis : axes) {
            ones[axis] = splitShape[axis];
        }
        return ones;
    }

    private static long product(long... sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    @Override
    public String toString() {
        return "shape " + Arrays.toString(splitShape) + ", statistics over axes " + Arrays.toString(reduced);
    }
}
