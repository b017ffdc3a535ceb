package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * The groups of a slice of lanes: what is known of each, in double, and how its sums become the coefficients of its map.
 *
 * @param <A> type of staging array
 */
final class LaneGroups<A> {
    private static final int NONE = -1;

    /** Of moments, what means are counted from; see {@link Sums#base}. */
    final double[] base;

    private final Columns<A> columns;
    private final Plan<A> plan;
    private final Pass<A> pass;
    private final InnerLoops<A> loops;
    private final A staging;

    private final double[][] statistics;
    private final double[] gamma;
    private final double[] beta;
    private final double[][] coefficients = new double[LaneMap.COEFFICIENTS][];

    private final double[] ofLane = new double[Slot.MOST_STATISTICS];
    private final Sums sums = new Sums();
    private final Coefficients map = new Coefficients();
    private final Coefficients forward = new Coefficients();

    private long[] at;
    private long firstLane;
    private int width;

    /**
     * @param columns the nest
     * @param scratch arrays of the thread
     * @param staging one of them
     * @param first the first of its arrays of doubles that are free
     */
    LaneGroups(Columns<A> columns, Scratch<A> scratch, A staging, int first) {
        this.columns = columns;
        this.plan = columns.plan;
        this.pass = plan.pass;
        this.loops = scratch.loops;
        this.staging = staging;
        int next = first;
        this.base = scratch.lanes(next++);
        this.gamma = scratch.lanes(next++);
        this.beta = scratch.lanes(next++);
        this.statistics = new double[pass.statistics.size()][];
        for (int i = 0; i < statistics.length; i++) {
            statistics[i] = scratch.lanes(next++);
        }
        for (int i = 0; i < coefficients.length; i++) {
            coefficients[i] = scratch.lanes(next++);
        }
    }

    /** Goes to some lanes and reads what is given of them. */
    void seek(long[] place, long lane, int lanes) {
        at = place;
        firstLane = lane;
        width = lanes;
        if (pass.readsStatistics()) {
            for (int i = 0; i < statistics.length; i++) {
                read(Slot.STATISTIC + i, statistics[i], 0);
            }
        }
        if (columns.moments) {
            read(Slot.IN, base, 0);
        }
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
        plan.load(slot, place(slot), columns.lanes.strides[slot], staging, 0, width);
        loops.widen(staging, width, to);
    }

    /** The m of {@link Reduction#DOTS} of every lane. */
    void readMeans(double[] to) {
        for (int lane = 0; lane < width; lane++) {
            to[lane] = pass.mean(ofLane(lane));
        }
    }

    /** 1/√(σ²+ε) of every lane. */
    void readInvStds(double[] to) {
        for (int lane = 0; lane < width; lane++) {
            to[lane] = pass.invStd(ofLane(lane));
        }
    }

    private double[] ofLane(int lane) {
        for (int i = 0; i < statistics.length; i++) {
            ofLane[i] = statistics[i][lane];
        }
        return ofLane;
    }

    /** Sets the coefficients with which the forward pass mapped the lanes. */
    void forwardMap(LaneMap<A> to) {
        for (int lane = 0; lane < width; lane++) {
            pass.forwardMap(ofLane(lane), gamma[lane], beta[lane], forward);
            coefficients[0][lane] = forward.mean;
            coefficients[1][lane] = forward.scale;
            coefficients[2][lane] = forward.shift;
        }
        to.set(coefficients, width, columns.copies, loops);
    }

    /** Turns sums into coefficients, stores the statistics, and notes the sums of each group if so wanted. */
    void finish(LaneSums total, LaneMap<A> to, GroupSums groupSums, long firstGroup) {
        for (int lane = 0; lane < width; lane++) {
            finish(lane, total, firstGroup);
            if (groupSums != null) {
                groupSums.set(firstGroup + lane, sums.a, sums.b, pass.invStd(ofLane));
            }
        }
        if (!pass.readsStatistics()) {
            for (int i = 0; i < statistics.length; i++) {
                int slot = Slot.STATISTIC + i;
                if (plan.has(slot)) {
                    loops.narrow(statistics[i], width, staging);
                    plan.store(slot, place(slot), columns.lanes.strides[slot], staging, 0, width);
                }
            }
        }
        to.set(coefficients, width, columns.copies, loops);
    }

    private void finish(int lane, LaneSums total, long firstGroup) {
        sums.base = base[lane];
        sums.count = total.count;
        sums.a = total.a[lane];
        sums.b = total.b[lane];
        pass.finish(sums, ofLane(lane), gamma[lane], beta[lane], map, loops);
        for (int i = 0; i < statistics.length; i++) {
            statistics[i][lane] = ofLane[i];
        }
        coefficients[0][lane] = map.mean;
        coefficients[1][lane] = map.scale;
        coefficients[2][lane] = map.shift;
        coefficients[3][lane] = map.meanGradient;
        coefficients[4][lane] = map.slope;
        boolean finite = Double.isFinite(sums.a) && Double.isFinite(sums.b);
        if (!finite || !Careful.fits(loops, map.scale) || !forwardFits(lane)) {
            columns.leaveToRows(firstGroup + lane);
        }
    }

    private boolean forwardFits(int lane) {
        return !pass.repeatsForwardMap() || Careful.fits(loops, pass.invStd(ofLane(lane)) * gamma[lane]);
    }
}
