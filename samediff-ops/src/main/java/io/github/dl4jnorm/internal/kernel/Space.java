package io.github.dl4jnorm.internal.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * The axes of a pass, split into kept and reduced ones and collapsed: axes of one role that continue each other in
 * memory, for every operand alike, become one. BatchNorm on a 'c'-ordered [N, C, H, W] array keeps C and reduces (N,
 * H·W); on a channel-major view of the same shape it keeps C and reduces one run N·H·W.
 */
final class Space {
    /** Axes along which groups differ, outermost first. */
    final Axis[] kept;

    /** Axes whose elements form a group, outermost first. */
    final Axis[] reduced;

    private Space(Axis[] kept, Axis[] reduced) {
        this.kept = kept;
        this.reduced = reduced;
    }

    /**
     * @param shape sizes of the axes
     * @param isReduced role of each axis
     * @param strides strides[operand][axis], with the operands to sort by first
     */
    static Space of(long[] shape, boolean[] isReduced, long[][] strides) {
        List<Axis> kept = new ArrayList<>();
        List<Axis> reduced = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            if (shape[axis] > 1) {
                (isReduced[axis] ? reduced : kept).add(axis(shape, strides, axis));
            }
        }
        return new Space(collapse(kept), collapse(reduced));
    }

    private static Axis axis(long[] shape, long[][] strides, int axis) {
        long[] steps = new long[strides.length];
        for (int operand = 0; operand < strides.length; operand++) {
            steps[operand] = strides[operand][axis];
        }
        return new Axis(shape[axis], steps);
    }

    static Axis[] collapse(List<Axis> axes) {
        axes.sort(Axis::outerFirst);
        List<Axis> collapsed = new ArrayList<>();
        for (Axis axis : axes) {
            int last = collapsed.size() - 1;
            if (last >= 0 && collapsed.get(last).continues(axis)) {
                collapsed.set(last, collapsed.get(last).mergedWith(axis));
            } else {
                collapsed.add(axis);
            }
        }
        return collapsed.toArray(Axis[]::new);
    }
}
