package io.github.dl4jnorm.internal.kernel;

import io.github.dl4jnorm.spec.AnyGroups;
import io.github.dl4jnorm.spec.Groups;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * One random pass to test: shape, roles of the axes, how arrays lie in memory, and the seed of everything. Made from a
 * seed alone, because shapes, roles and layouts depend on each other.
 */
final class KernelCase {
    /** Sizes around which loops change: lanes of vectors, tiles, chunks. */
    private static final int[] AWKWARD = {
        1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 509, 512, 1023, 1024, 1025, 2053, 4095, 4096,
        4097, 5003, 8191
    };

    final long seed;
    final long[] shape;
    final Groups groups;
    final double offset;
    final double eps;
    final boolean withGamma;
    final boolean withBeta;
    final boolean withGradients;
    final boolean withResidual;

    private final Random random;

    KernelCase(long seed, int mostElements) {
        this.seed = seed;
        this.random = new Random(seed);
        int rank = 1 + random.nextInt(4);
        this.shape = new long[rank];
        Arrays.fill(shape, 1);
        long room = mostElements;
        for (int axis : shuffled(rank)) {
            int size = AWKWARD[random.nextInt(AWKWARD.length)];
            shape[axis] = Math.max(1, Math.min(size, room));
            room /= shape[axis];
        }
        boolean[] kept = new boolean[rank];
        boolean[] affine = new boolean[rank];
        for (int axis = 0; axis < rank; axis++) {
            kept[axis] = random.nextBoolean();
        }
        // As BatchNorm, as LayerNorm, or anything at all.
        int kind = random.nextInt(3);
        for (int axis = 0; axis < rank; axis++) {
            affine[axis] = kind == 0 ? kept[axis] : kind == 1 ? !kept[axis] : random.nextBoolean();
        }
        this.groups = AnyGroups.of(shape, axes(kept), axes(affine));
        this.offset = random.nextInt(3) == 0 ? 1000 : 0;
        this.eps = 1e-5;
        this.withGamma = random.nextInt(4) > 0;
        this.withBeta = random.nextInt(4) > 0;
        this.withGradients = random.nextInt(4) > 0;
        this.withResidual = random.nextInt(4) > 0;
    }

    private int[] shuffled(int count) {
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }

    int length() {
        return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    int[] all() {
        return IntStream.range(0, shape.length).toArray();
    }

    private static int[] axes(boolean... marks) {
        return IntStream.range(0, marks.length).filter(axis -> marks[axis]).toArray();
    }

    int count(int... axes) {
        return (int) Arrays.stream(axes).mapToLong(a -> shape[a]).reduce(1, (a, b) -> a * b);
    }

    double[] values(int salt, int count) {
        Random values = new Random(seed * 31 + salt);
        return IntStream.range(0, count)
                .mapToDouble(i -> (float) values.nextGaussian())
                .toArray();
    }

    /**
     * A layout of an array that varies along some of the axes: usually that of the axes in order, else any order; dense,
     * or with gaps; not at the beginning of its memory.
     */
    Layout layout(int... axes) {
        boolean plain = random.nextInt(3) > 0;
        int[] order = plain ? IntStream.range(0, axes.length).toArray() : shuffled(axes.length);
        long[] strides = new long[shape.length];
        long step = random.nextInt(6) == 0 ? 2 : 1;
        for (int i = order.length - 1; i >= 0; i--) {
            int axis = axes[order[i]];
            strides[axis] = step;
            step *= shape[axis] + (random.nextInt(6) == 0 ? 1 : 0);
        }
        return new Layout(axes, strides, random.nextInt(20), (int) step + 20);
    }

    /** Where the elements of an array are, for indices along some of the axes. */
    record Layout(int[] axes, long[] strides, long offset, int room) {}

    @Override
    public String toString() {
        return "seed " + seed + ": shape " + Arrays.toString(shape) + " reduced " + Arrays.toString(groups.reduced())
                + " affine " + Arrays.toString(groups.affine());
    }
}
