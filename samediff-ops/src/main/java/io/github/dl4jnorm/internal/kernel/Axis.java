package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;

/** One axis to iterate over: its size, and by how much each operand moves with one step. */
final class Axis {
    /** An axis of one element. */
    static final Axis NONE = new Axis(1, new long[Slot.COUNT]);

    final long size;
    final long[] strides;

    Axis(long size, long... strides) {
        this.size = size;
        this.strides = strides;
    }

    /** Whether stepping through this axis after {@code inner} continues where inner ends, for every operand. */
    boolean continues(Axis inner) {
        for (int i = 0; i < strides.length; i++) {
            if (strides[i] != inner.size * inner.strides[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether gamma and beta vary along this axis. */
    boolean isAffine() {
        return strides[Slot.PARAMETER] != 0;
    }

    Axis mergedWith(Axis inner) {
        return new Axis(size * inner.size, inner.strides);
    }

    /** The order from outer to inner: by the stride of the first operand, then of the next. */
    static int outerFirst(Axis a, Axis b) {
        return Arrays.compare(b.strides, a.strides);
    }
}
