package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a slice of lanes: what is known of each, in double, and how its sums become the coefficients of its map.
 *
 * @param <A> type of arrays
 */
final class LaneGroups<A> {
    private static final int NONE = -1;

    /** The first array of doubles of {@link Scratch#lanes} that {@link ColumnTask} leaves free. */
    private static final int FIRST_ARRAY = 10;

    /** The first element of each group. */
    final double[] first;

    private final InnerLoops<A> loops;
    private final A values;

    /** Per number of a group, in the order of {@link NormPass}, its values. */
    private final double[][] statistics = new double[Slot.STATISTICS][];

    private final double[] gamma;
    private final double[] beta;
    private final LaneMap<double[]> coefficients = new LaneMap<>(() -> new double[ColumnGeometry.WIDTH]);

    private final double[] ofLane = new double[Slot.STATISTICS];
    private final Sums sums = new Sums();
    private final Coefficients map = new Coefficients();
    private final Coefficients forward = new Coefficients();

    private ColumnGeometry columns;
    private Plan<A> plan;
    private NormPass<A> pass;
    private WideGroups<A> wideGroups;

    /** Which numbers of a group are not 0 for all of them. */
    private int[] present;

    private long[] at;
    private long firstLane;
    private int width;

    LaneGroups(Scratch<A> scratch) {
        this.loops = scratch.loops;
        this.values = scratch.array(5);
        int next = FIRST_ARRAY;
        this.first = scratch.lanes(next++);
        this.gamma = scratch.lanes(next++);
        this.beta = scratch.lanes(next++);
        for (int i = 0; i < statistics.length; i++) {
            statistics[i] = scratch.lanes(next++);
        }
    }

    /** See {@link ColumnTask#start}. */
    void start(Plan<A> of, ColumnGeometry geometry, WideGroups<A> wide) {
        plan = of;
        pass = of.pass;
        columns = geometry;
        wideGroups = wide;
        present = present(pass);
        Arrays.fill(ofLane, 0);
    }

    /** Plain loops, because this runs for every task. */
    private static int[] present(NormPass<?> pass) {
        int[] present = new int[Slot.STATISTICS];
        int count = 0;
        for (int i = 0; i < Slot.STATISTICS; i++) {
            if (i == NormPass.SCALE || pass.has(Slot.STATISTIC + i)) {
                present[count++] = i;
            }
        }
        return Arrays.copyOf(present, count);
    }

    /** Goes to some lanes and reads what is given of them. */
    void seek(long[] place, long lane, int lanes) {
        at = place;
        firstLane = lane;
        width = lanes;
        if (pass.readsStatistics()) {
            for (int i : present) {
                read(Slot.STATISTIC + i, statistics[i], 0);
            }
            for (int l = 0; l < width; l++) {
                pass.derive(ofLane(l));
                statistics[NormPass.SCALE][l] = ofLane[NormPass.SCALE];
            }
        }
        read(Slot.IN, first, 0);
        read(columns.varies ? NONE : Slot.GAMMA, gamma, 1);
        read(columns.varies ? NONE : Slot.BETA, beta, 0);
    }

    private long place(int slot) {
        return at[slot] + firstLane * columns.lanes.strides[slot];
    }

    private void read(int slot, double[] to, double absent) {
        if (slot == NONE || !plan.has(slot)) {
            Arrays.fill(to, 0, width, absent);
            return;
        }
        plan.load(slot, place(slot), columns.lanes.strides[slot], values, 0, width);
        loops.widen(values, width, to);
    }

    /** Reads a number of every lane. */
    void read(ToDoubleFunction<double[]> number, double[] to) {
        for (int lane = 0; lane < width; lane++) {
            to[lane] = number.applyAsDouble(ofLane(lane));
        }
    }

    private double[] ofLane(int lane) {
        for (int i : present) {
            ofLane[i] = statistics[i][lane];
        }
        return ofLane;
    }

    /** Sets the coefficients with which the forward pass mapped the lanes. */
    void forwardMap(LaneMap<A> to) {
        for (int lane = 0; lane < width; lane++) {
            NormPass.forwardMap(ofLane(lane), gamma[lane], beta[lane], forward);
            setForward(lane, forward);
        }
        narrowForward(to);
    }

    private void setForward(int lane, Coefficients c) {
        coefficients.center[lane] = c.center;
        coefficients.scale[lane] = c.scale;
        coefficients.shift[lane] = c.shift;
    }

    private void narrowForward(LaneMap<A> to) {
        narrow(coefficients.center, to.center);
        narrow(coefficients.scale, to.scale);
        narrow(coefficients.shift, to.shift);
    }

    private void narrow(double[] from, A to) {
        loops.narrow(from, width, to);
        loops.repeat(to, width, columns.copies);
    }

    /** Turns sums into coefficients, stores the statistics, and notes the sums of each group if so wanted. */
    void finish(LaneSums total, LaneMap<A> to, @Nullable GroupSums groupSums, long firstGroup) {
        for (int lane = 0; lane < width; lane++) {
            finish(lane, total, firstGroup);
            if (groupSums != null) {
                groupSums.set(firstGroup + lane, sums, ofLane);
            }
        }
        if (!pass.readsStatistics()) {
            for (int i : present) {
                int slot = Slot.STATISTIC + i;
                if (plan.has(slot)) {
                    loops.narrow(statistics[i], width, values);
                    plan.store(slot, place(slot), columns.lanes.strides[slot], values, 0, width);
                }
            }
        }
        narrowForward(to);
        if (pass.isBackward()) {
            narrow(coefficients.gradientCenter, to.gradientCenter);
            narrow(coefficients.slope, to.slope);
        }
    }

    private void finish(int lane, LaneSums total, long firstGroup) {
        sums.count = total.count;
        sums.a = total.a[lane];
        sums.b = total.b[lane];
        sums.rest = total.rest[lane];
        pass.finish(sums, ofLane(lane), gamma[lane], beta[lane], map, loops);
        for (int i : present) {
            statistics[i][lane] = ofLane[i];
        }
        setForward(lane, map);
        coefficients.gradientCenter[lane] = map.gradientCenter;
        coefficients.slope[lane] = map.slope;
        if (pass.repeatsForwardMap()) {
            NormPass.forwardMap(ofLane(lane), gamma[lane], beta[lane], forward);
        }
        boolean overflows = pass.overflows(sums, ofLane(lane)) && !Double.isNaN(first[lane]);
        if (overflows || !pass.fits(sums, ofLane(lane), map, forward, loops)) {
            wideGroups.add(firstGroup + lane);
        }
    }
}
