package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.internal.engine.Reshape;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.controlflow.Select;
import org.nd4j.linalg.api.ops.impl.reduce.longer.CountNonZero;
import org.nd4j.linalg.api.ops.impl.shape.Gather;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Masked positions leave the computation: what is behind them is never read as a number (0·NaN would be NaN), and what
 * is written to them is zero.
 *
 * <p>A position is an index of all axes but that of the channels; a mask hides all channels of it or none. DL4J's masks
 * are nonzero where data are present, and of shape [N, 1] for rank 2, [N, T] for rank 3, [N, 1, H, W] for images in any
 * format. Sizes of 1 are broadcast; [N, 1] hides whole examples at every rank.
 */
final class Mask {
    /** Hides nothing, of activations of any shape. */
    static final Mask NONE = new Mask(null, 0, null);

    private final long @Nullable [] shape;
    private final int channelAxis;

    /** True where data are present; of the rank of the activations, size 1 along the channels. Null without a mask. */
    private final @Nullable INDArray present;

    private final boolean hidesNone;
    private final boolean hidesAll;

    /** See {@link #presence}; made when first asked for. */
    private int @Nullable [] presence;

    private Mask(long @Nullable [] shape, int channelAxis, @Nullable INDArray present) {
        this.shape = shape;
        this.channelAxis = channelAxis;
        this.present = present;
        long count = present == null ? -1 : Nd4j.exec(new CountNonZero(present)).getLong(0);
        hidesNone = present == null || count == present.length();
        hidesAll = count == 0;
    }

    /**
     * The mask of activations.
     *
     * @param maskArray DL4J's mask
     * @param shape shape of the activations
     * @throws DL4JInvalidInputException if the mask does not fit
     */
    static Mask of(String who, INDArray maskArray, long[] shape, int channelAxis) {
        long[] positions = without(shape, channelAxis);
        long[] given = positionsOf(maskArray.shape(), positions);
        if (given == null && channelAxis == shape.length - 1 && maskArray.rank() == shape.length) {
            given = fitting(maskArray.shape(), channelAxis, positions);
        }
        if (given == null) {
            throw new DL4JInvalidInputException(who + ": expected a mask of shape " + expected(positions)
                    + " for activations of shape " + Arrays.toString(shape) + ", got shape "
                    + Arrays.toString(maskArray.shape()));
        }
        INDArray present = Reshape.of(maskArray.castTo(DataType.BOOL), with(given, channelAxis));
        return new Mask(shape, channelAxis, present);
    }

    /** The sizes of a mask along the positions, or null if it does not fit them. */
    private static long @Nullable [] positionsOf(long[] mask, long[] positions) {
        if (mask.length == positions.length + 1 && mask.length > 2) {
            return fitting(mask, 1, positions);
        }
        if (mask.length == 2 && mask[1] == 1) {
            long[] perExample = new long[positions.length];
            Arrays.fill(perExample, 1);
            perExample[0] = mask[0];
            return fits(perExample, positions) ? perExample : null;
        }
        return fits(mask, positions) ? mask : null;
    }

    private static long @Nullable [] fitting(long[] mask, int axis, long[] positions) {
        long[] sizes = without(mask, axis);
        return mask[axis] == 1 && fits(sizes, positions) ? sizes : null;
    }

    private static boolean fits(long[] mask, long[] positions) {
        return mask.length == positions.length
                && mask[0] == positions[0]
                && IntStream.range(1, mask.length).allMatch(i -> mask[i] == 1 || mask[i] == positions[i]);
    }

    private static String expected(long[] positions) {
        return Arrays.toString(positions.length == 2 ? positions : with(positions, 1));
    }

    private static long[] without(long[] sizes, int axis) {
        return IntStream.range(0, sizes.length)
                .filter(i -> i != axis)
                .mapToLong(i -> sizes[i])
                .toArray();
    }

    private static long[] with(long[] sizes, int axis) {
        return LongStream.concat(
                        LongStream.concat(Arrays.stream(sizes, 0, axis), LongStream.of(1)),
                        Arrays.stream(sizes, axis, sizes.length))
                .toArray();
    }

    /** Whether there is no mask, or one that hides nothing. */
    boolean hidesNone() {
        return hidesNone;
    }

    /** Whether every position is hidden. */
    boolean hidesAll() {
        return hidesAll;
    }

    /** Whether the mask tells positions along an axis apart, even if it hides none of them now. */
    boolean runsAlong(int axis) {
        return present != null && present.size(axis) > 1;
    }

    /** The present positions as rows, [K, C]. */
    INDArray gather(INDArray x) {
        int[] presence = presence();
        int[] rows = IntStream.range(0, presence.length)
                .filter(i -> presence[i] != 0)
                .toArray();
        return take(Reshape.of(channelsLast(x), positions(), channels()), rows);
    }

    /** The rows at the present positions of y, and zeros at the others. */
    void scatter(INDArray rows, INDArray y) {
        int zeros = Math.toIntExact(rows.size(0));
        int[] presence = presence();
        int[] source = new int[presence.length];
        int next = 0;
        for (int i = 0; i < source.length; i++) {
            source[i] = presence[i] == 0 ? zeros : next++;
        }
        INDArray padded = Nd4j.concat(0, rows, Nd4j.zeros(rows.dataType(), 1, channels()));
        INDArray target = channelsLast(y);
        target.assign(take(padded, source).reshape('c', target.shape()));
    }

    private static INDArray take(INDArray rows, int[] indices) {
        return Nd4j.exec(new Gather(rows, Nd4j.createFromArray(indices), 0))[0];
    }

    /** 1 or 0 per position, in the order of the rows of {@link #channelsLast}. */
    private int[] presence() {
        if (presence == null) {
            long[] onePerPosition = shape.clone();
            onePerPosition[channelAxis] = 1;
            presence = present.broadcast(onePerPosition)
                    .reshape(positions())
                    .castTo(DataType.INT32)
                    .toIntVector();
        }
        return presence;
    }

    private int positions() {
        return Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b) / channels());
    }

    private long channels() {
        return shape[channelAxis];
    }

    private INDArray channelsLast(INDArray x) {
        int[] axes = IntStream.concat(
                        IntStream.range(0, shape.length).filter(i -> i != channelAxis), IntStream.of(channelAxis))
                .toArray();
        return x.permute(axes);
    }

    /** x with zeros at the hidden positions. */
    INDArray zeroed(INDArray x) {
        return hidesNone ? x : selected(x, x.like(), x.ulike());
    }

    /**
     * x with zeros at the hidden positions, so that they add nothing to sums over {@code axes}; but with ones where a
     * whole group is hidden, so that its sum is not zero.
     */
    INDArray neutralForSums(INDArray x, int... axes) {
        if (hidesNone) {
            return x;
        }
        INDArray anyPresent = present.castTo(x.dataType()).max(true, axes);
        return selected(x, anyPresent.rsub(1).broadcast(shape), x.ulike());
    }

    /** Zeros the hidden positions of y. */
    void clear(INDArray y) {
        if (!hidesNone) {
            selected(y, y.like(), y);
        }
    }

    private INDArray selected(INDArray x, INDArray otherwise, INDArray out) {
        Nd4j.exec(new Select(new INDArray[] {present.broadcast(shape), x, otherwise}, new INDArray[] {out}));
        return out;
    }
}
