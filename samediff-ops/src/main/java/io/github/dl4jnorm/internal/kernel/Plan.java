package io.github.dl4jnorm.internal.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A {@link NormPass} together with the axes to walk through.
 *
 * @param <A> type of arrays
 */
final class Plan<A> {
    final NormPass<A> pass;
    final Space space;

    private @Nullable ParameterSums<A> parameterSums;

    /** Affine axes with the strides of {@link Slot#PARAMETER}, dGamma and dBeta. */
    private final Axis[] parameterAxes;

    Plan(NormPass<A> pass) {
        this.pass = pass;
        long[] shape = pass.groups.splitShape();
        boolean[] reduced = marks(shape.length, pass.groups.reduced());
        boolean[] affine = pass.hasParameters() ? marks(shape.length, pass.groups.affine()) : new boolean[shape.length];
        long[][] strides = strides(shape, reduced, affine, pass);
        this.space = Space.of(shape, reduced, strides);
        List<Axis> parameters = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            if (affine[axis] && shape[axis] > 1) {
                parameters.add(new Axis(
                        shape[axis],
                        strides[Slot.PARAMETER][axis],
                        strides[Slot.D_GAMMA][axis],
                        strides[Slot.D_BETA][axis]));
            }
        }
        this.parameterAxes = Space.collapse(parameters);
    }

    private static boolean[] marks(int rank, int... axes) {
        boolean[] marks = new boolean[rank];
        for (int axis : axes) {
            marks[axis] = true;
        }
        return marks;
    }

    private static <A> long[][] strides(long[] shape, boolean[] reduced, boolean[] affine, NormPass<A> pass) {
        long[][] strides = new long[Slot.COUNT][];
        for (int slot = 0; slot < strides.length; slot++) {
            Operand<A> operand = pass.operand(slot);
            strides[slot] = operand == null ? new long[shape.length] : operand.strides();
        }
        strides[Slot.PARAMETER] = parameterStrides(shape, reduced, affine, strides);
        return strides;
    }

    /**
     * Dense strides along the affine axes: those that are reduced inside, in the order in which elements are iterated,
     * so that parameters of neighbours in a group are neighbours.
     */
    private static long[] parameterStrides(long[] shape, boolean[] reduced, boolean[] affine, long[][] strides) {
        Comparator<Integer> insideOut = Comparator.<Integer, Boolean>comparing(axis -> !reduced[axis])
                .thenComparing(axis -> column(strides, axis), Arrays::compare);
        long[] dense = new long[shape.length];
        long next = 1;
        for (int axis : IntStream.range(0, dense.length)
                .filter(a -> affine[a] && shape[a] > 1)
                .boxed()
                .sorted(insideOut)
                .toList()) {
            dense[axis] = next;
            next *= shape[axis];
        }
        return dense;
    }

    private static long[] column(long[][] strides, int axis) {
        return IntStream.range(0, Slot.PARAMETER)
                .mapToLong(s -> strides[s][axis])
                .toArray();
    }

    boolean has(int slot) {
        return pass.has(slot);
    }

    boolean wantsParameterGradients() {
        return pass.wantsParameterGradients();
    }

    long parameters() {
        return Cursor.count(parameterAxes);
    }

    void load(int slot, long place, long stride, A to, int at, int count) {
        Operand<A> from = pass.operand(slot);
        from.memory().load(from.offset() + place, stride, to, at, count);
    }

    void store(int slot, long place, long stride, A from, int at, int count) {
        Operand<A> to = pass.operand(slot);
        to.memory().store(to.offset() + place, stride, from, at, count);
    }

    /** Lets a tile show rows of an operand where they lie, if that can be; see {@link Memory#show}. */
    boolean show(int slot, long place, long step, Tile to) {
        Operand<A> from = pass.operand(slot);
        return from.memory().show(from.offset() + place, step, to);
    }

    void load(int slot, long place, long step, long stride, Tile to) {
        Operand<A> from = pass.operand(slot);
        from.memory().load(from.offset() + place, step, stride, to);
    }

    void store(int slot, long place, long step, long stride, Tile from) {
        Operand<A> to = pass.operand(slot);
        to.memory().store(to.offset() + place, step, stride, from);
    }

    /** Stores one element, if there is such an operand. */
    void put(int slot, long place, double value) {
        Operand<A> to = pass.operand(slot);
        if (to != null) {
            to.memory().put(to.offset() + place, value);
        }
    }

    /** Reads one element, or the value for an absent operand. */
    double get(int slot, long place, double absent) {
        Operand<A> from = pass.operand(slot);
        return from == null ? absent : from.memory().get(from.offset() + place);
    }

    /** Reads the numbers of a group, i groups behind another along an axis; 0 for what is absent. Modified: to. */
    void getStatistics(Cursor first, Axis along, int i, double[] to) {
        for (int k = 0; k < to.length; k++) {
            int slot = Slot.STATISTIC + k;
            to[k] = get(slot, first.at[slot] + i * along.strides[slot], 0);
        }
    }

    /** Stores the numbers of such a group, those for which there is an operand. */
    void putStatistics(Cursor first, Axis along, int i, double[] from) {
        for (int k = 0; k < from.length; k++) {
            int slot = Slot.STATISTIC + k;
            put(slot, first.at[slot] + i * along.strides[slot], from[k]);
        }
    }

    /** Sums of all parameters, the same in every call. */
    ParameterSums<A> parameterSums(InnerLoops<A> loops) {
        if (parameterSums == null) {
            parameterSums = new ParameterSums<>(parameters(), loops);
        }
        return parameterSums;
    }

    /** Writes the gradients of all parameters. */
    void store(ParameterSums<A> sums, Scratch<A> scratch) {
        store(Slot.D_GAMMA, 1, sums.dGamma(), scratch);
        store(Slot.D_BETA, 2, sums.dBeta(), scratch);
    }

    private void store(int slot, int operand, double[] values, Scratch<A> scratch) {
        if (!has(slot)) {
            return;
        }
        int last = parameterAxes.length - 1;
        Axis inner = last < 0 ? new Axis(1, 1, 1, 1) : parameterAxes[last];
        Cursor outer = new Cursor(3, last < 0 ? parameterAxes : Arrays.copyOf(parameterAxes, last));
        double[] part = scratch.lanes(0);
        A narrow = scratch.array(0);
        for (long done = 0; done < values.length; done += inner.size) {
            for (long from = 0; from < inner.size; from += part.length) {
                int n = (int) Math.min(part.length, inner.size - from);
                for (int i = 0; i < n; i++) {
                    part[i] = values[(int) (outer.at[0] + (from + i) * inner.strides[0])];
                }
                scratch.loops.narrow(part, n, narrow);
                store(slot, outer.at[operand] + from * inner.strides[operand], inner.strides[operand], narrow, 0, n);
            }
            outer.next();
        }
    }
}
