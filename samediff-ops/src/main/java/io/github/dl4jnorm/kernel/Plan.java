package io.github.dl4jnorm.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A {@link Pass} together with the axes to walk through.
 *
 * @param <A> type of staging array
 */
final class Plan<A> {
    final Pass<A> pass;
    final Space space;

    /** Operand per {@link Slot}; null where there is none. */
    private final List<Operand<A>> operands;

    /** Affine axes with the strides of {@link Slot#PARAMETER}, dGamma and dBeta. */
    private final Axis[] parameterAxes;

    Plan(Groups groups, Pass<A> pass) {
        this.pass = pass;
        this.operands = operands(pass);
        long[][] strides = strides(groups, operands);
        this.space = Space.of(groups.shape(), groups.reduced(), strides);
        List<Axis> parameters = new ArrayList<>();
        for (int axis = 0; axis < groups.shape().length; axis++) {
            if (groups.affine()[axis] && groups.shape()[axis] > 1) {
                parameters.add(new Axis(
                        groups.shape()[axis],
                        strides[Slot.PARAMETER][axis],
                        strides[Slot.D_GAMMA][axis],
                        strides[Slot.D_BETA][axis]));
            }
        }
        this.parameterAxes = Space.collapse(parameters);
    }

    private static <A> List<Operand<A>> operands(Pass<A> pass) {
        List<Operand<A>> operands = new ArrayList<>();
        operands.add(pass.in);
        operands.add(pass.companion);
        operands.add(pass.out);
        operands.add(pass.affine.gamma());
        operands.add(pass.affine.beta());
        operands.add(pass.affine.dGamma());
        operands.add(pass.affine.dBeta());
        operands.add(null);
        operands.addAll(pass.statistics);
        return operands;
    }

    private static <A> long[][] strides(Groups groups, List<Operand<A>> operands) {
        int rank = groups.shape().length;
        long[][] strides = new long[operands.size()][];
        for (int slot = 0; slot < strides.length; slot++) {
            Operand<A> operand = operands.get(slot);
            strides[slot] = operand == null ? new long[rank] : operand.strides();
        }
        strides[Slot.PARAMETER] = parameterStrides(groups, strides);
        return strides;
    }

    /**
     * Dense strides along the affine axes: those that are reduced inside, in the order in which elements are iterated,
     * so that parameters of neighbours in a group are neighbours.
     */
    private static long[] parameterStrides(Groups groups, long[][] strides) {
        Comparator<Integer> insideOut = Comparator.<Integer, Boolean>comparing(axis -> !groups.reduced()[axis])
                .thenComparing(axis -> column(strides, axis), Arrays::compare);
        long[] dense = new long[groups.shape().length];
        long next = 1;
        for (int axis : IntStream.range(0, dense.length)
                .filter(a -> groups.affine()[a] && groups.shape()[a] > 1)
                .boxed()
                .sorted(insideOut)
                .toList()) {
            dense[axis] = next;
            next *= groups.shape()[axis];
        }
        return dense;
    }

    private static long[] column(long[][] strides, int axis) {
        return IntStream.range(0, Slot.PARAMETER)
                .mapToLong(s -> strides[s][axis])
                .toArray();
    }

    int slots() {
        return operands.size();
    }

    boolean has(int slot) {
        return operands.get(slot) != null;
    }

    boolean wantsParameterGradients() {
        return pass.affine.wantsGradients();
    }

    long parameters() {
        return Cursor.count(parameterAxes);
    }

    void load(int slot, long place, long stride, A to, int at, int count) {
        Operand<A> from = operands.get(slot);
        from.memory().load(from.offset() + place, stride, to, at, count);
    }

    void store(int slot, long place, long stride, A from, int at, int count) {
        Operand<A> to = operands.get(slot);
        to.memory().store(to.offset() + place, stride, from, at, count);
    }

    void loadRuns(int slot, long place, long step, int runs, int length, A to, int at) {
        Operand<A> from = operands.get(slot);
        from.memory().loadRuns(from.offset() + place, step, runs, length, to, at);
    }

    void storeRuns(int slot, long place, long step, int runs, int length, A from, int at) {
        Operand<A> to = operands.get(slot);
        to.memory().storeRuns(to.offset() + place, step, runs, length, from, at);
    }

    /** Stores one element, if there is such an operand. */
    void put(int slot, long place, double value) {
        Operand<A> to = operands.get(slot);
        if (to != null) {
            to.memory().put(to.offset() + place, value);
        }
    }

    /** Reads one element, or the value for an absent operand. */
    double get(int slot, long place, double absent) {
        Operand<A> from = operands.get(slot);
        return from == null ? absent : from.memory().get(from.offset() + place);
    }

    /** Writes the gradients of all parameters. */
    void store(ParameterSums<A> sums, InnerLoops<A> loops) {
        store(Slot.D_GAMMA, 1, sums.dGamma(), loops);
        store(Slot.D_BETA, 2, sums.dBeta(), loops);
    }

    private void store(int slot, int operand, double[] values, InnerLoops<A> loops) {
        if (!has(slot)) {
            return;
        }
        int last = parameterAxes.length - 1;
        Axis inner = last < 0 ? new Axis(1, 1, 1, 1) : parameterAxes[last];
        Cursor outer = new Cursor(3, last < 0 ? parameterAxes : Arrays.copyOf(parameterAxes, last));
        int length = (int) Math.min(inner.size, InnerLoops.CHUNK);
        double[] part = new double[length];
        A narrow = loops.allocate(length);
        for (long done = 0; done < values.length; done += inner.size) {
            for (long from = 0; from < inner.size; from += length) {
                int n = (int) Math.min(length, inner.size - from);
                for (int i = 0; i < n; i++) {
                    part[i] = values[(int) (outer.at[0] + (from + i) * inner.strides[0])];
                }
                loops.narrow(part, n, narrow);
                store(slot, outer.at[operand] + from * inner.strides[operand], inner.strides[operand], narrow, 0, n);
            }
            outer.next();
        }
    }
}
