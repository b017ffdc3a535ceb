package io.github.dl4jnorm.engine;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Which elements of an array share one statistic, and along which axes gamma and beta vary.
 *
 * <p>The axes of x fall into <em>reduced</em> axes, whose elements form a group with one mean,
 * variance or sum, and <em>kept</em> axes, along which groups differ. Parameters vary along the
 * <em>affine</em> axes:
 *
 * <table>
 *   <caption>The normalizations as axes of an [N, C, H, W] array</caption>
 *   <tr><th>normalization</th><th>reduced</th><th>kept</th><th>affine</th></tr>
 *   <tr><td>BatchNorm, channel axis 1</td><td>N, H, W</td><td>C</td><td>C</td></tr>
 *   <tr><td>LayerNorm over axes 1, 2, 3</td><td>C, H, W</td><td>N</td><td>C, H, W</td></tr>
 *   <tr><td>sum-normalization over axis 1</td><td>C</td><td>N, H, W</td><td>C (unused)</td></tr>
 * </table>
 *
 * Arrays per group ("statistics") have the shape of the kept axes, parameters that of the affine
 * axes, both in increasing axis order. Immutable.
 */
public final class NormAxes {
    private final long[] shape;
    private final int[] reduced;
    private final int[] kept;
    private final int[] affine;

    private NormAxes(long[] shape, int[] reduced, int[] affine) {
        this.shape = shape.clone();
        this.reduced = reduced;
        this.kept = complement(reduced, shape.length);
        this.affine = affine;
    }

    /**
     * The axes of BatchNorm: one statistic and one gamma and beta per index of the channel axis.
     *
     * @param who what asks, for the message of an exception
     * @param shape shape of x, rank at least 2, no axis of size 0
     * @param channelAxis axis of the channels; negative counts from the end
     * @return the axes
     * @throws IllegalArgumentException if the rank, the axis or the shape is not as said
     */
    public static NormAxes perChannel(String who, long[] shape, int channelAxis) {
        if (shape.length < 2) {
            throw new IllegalArgumentException(
                    who + ": expected an array of rank 2 or more, got shape " + Arrays.toString(shape));
        }
        int[] channel = checkedAxes(who, shape, channelAxis);
        return new NormAxes(shape, complement(channel, shape.length), channel);
    }

    /**
     * The axes of LayerNorm and sum-normalization: elements that differ only in their index along
     * {@code axes} share one statistic, and gamma and beta have the shape of {@code axes}.
     *
     * @param who what asks, for the message of an exception
     * @param shape shape of x, rank at least 1, no axis of size 0
     * @param axes one or more different axes, in any order; negative ones count from the end
     * @return the axes
     * @throws IllegalArgumentException if an axis is out of range or repeated, or the shape is not as said
     */
    public static NormAxes over(String who, long[] shape, int... axes) {
        int[] sorted = checkedAxes(who, shape, axes);
        return new NormAxes(shape, sorted, sorted);
    }

    private static int[] checkedAxes(String who, long[] shape, int... axes) {
        if (axes == null || axes.length == 0) {
            throw new IllegalArgumentException(who + ": expected at least one axis, got none");
        }
        for (long size : shape) {
            if (size == 0) {
                throw new IllegalArgumentException(
                        who + ": expected a non-empty array, got shape " + Arrays.toString(shape));
            }
        }
        int[] sorted = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            int axis = axes[i];
            if (axis < -shape.length || axis >= shape.length) {
                throw new IllegalArgumentException(who + ": axis " + axis + " is out of range for rank " + shape.length
                        + " (shape " + Arrays.toString(shape) + ")");
            }
            sorted[i] = axis < 0 ? axis + shape.length : axis;
        }
        Arrays.sort(sorted);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                throw new IllegalArgumentException(who + ": axis " + sorted[i] + " is repeated in "
                        + Arrays.toString(axes) + " (shape " + Arrays.toString(shape) + ")");
            }
        }
        return sorted;
    }

    private static int[] complement(int[] axes, int rank) {
        return IntStream.range(0, rank)
                .filter(a -> Arrays.binarySearch(axes, a) < 0)
                .toArray();
    }

    /**
     * The axes whose elements share one statistic.
     *
     * @return a new array, increasing
     */
    public int[] reduced() {
        return reduced.clone();
    }

    /**
     * The axes along which groups differ.
     *
     * @return a new array, increasing; empty if all of x is one group
     */
    public int[] kept() {
        return kept.clone();
    }

    /**
     * The axes along which gamma and beta vary.
     *
     * @return a new array, increasing
     */
    public int[] affine() {
        return affine.clone();
    }

    /**
     * The shape of x.
     *
     * @return a new array
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The number M (or D) of elements that share one statistic.
     *
     * @return the product of the sizes of the reduced axes
     */
    public long groupSize() {
        return product(sizes(reduced));
    }

    /**
     * The shape of a statistic: mean, variance, 1/√(σ²+ε), sum.
     *
     * @return the sizes of the kept axes
     */
    public long[] statsShape() {
        return sizes(kept);
    }

    /**
     * The shape of gamma and beta.
     *
     * @return the sizes of the affine axes
     */
    public long[] affineShape() {
        return sizes(affine);
    }

    /**
     * The axes of x over which the gradients of gamma and beta are summed: what is broadcast forward
     * is summed backward.
     *
     * @return a new array, increasing; empty if gamma has the shape of x
     */
    public int[] affineSummed() {
        return complement(affine, shape.length);
    }

    /**
     * A statistic reshaped to broadcast against x.
     *
     * @param statistic one value per group
     * @return the same values with the rank of x and size 1 along the reduced axes
     */
    public INDArray broadcastStats(INDArray statistic) {
        return statistic.reshape('c', onesBut(kept));
    }

    /**
     * A parameter reshaped to broadcast against x.
     *
     * @param parameter one value per index of the affine axes
     * @return the same values with the rank of x and size 1 along all other axes
     */
    public INDArray broadcastAffine(INDArray parameter) {
        return parameter.reshape('c', onesBut(affine));
    }

    private long[] onesBut(int[] axes) {
        long[] ones = new long[shape.length];
        Arrays.fill(ones, 1);
        for (int axis : axes) {
            ones[axis] = shape[axis];
        }
        return ones;
    }

    private long[] sizes(int[] axes) {
        return Arrays.stream(axes).mapToLong(a -> shape[a]).toArray();
    }

    private static long product(long[] sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    @Override
    public String toString() {
        return "shape " + Arrays.toString(shape) + ", statistics over axes " + Arrays.toString(reduced);
    }
}
