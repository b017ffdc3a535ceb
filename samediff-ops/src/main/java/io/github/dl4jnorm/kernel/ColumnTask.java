package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * One task of {@link Columns} at work: a slice of lanes, and the tile that is staged.
 *
 * @param <A> type of staging array
 */
final class ColumnTask<A> {
    /** How many rows are summed in the type of the arrays before they are added in double. */
    private static final int MOST = 128;

    /**
     * How many times more rows may be summed around a mean than it is a mean of. If it is off by δ, n rows add nδ² to
     * the squares, of which rounding costs a part; the merge then adds nδ²/(GROWTH+1) or more to the result.
     */
    private static final int GROWTH = 8;

    final InnerLoops<A> loops;
    final LaneSums sums;
    final LaneSums segmentSums;

    /** Coefficients of the slice, for tasks that do all of a slice. */
    final LaneMap<A> map;

    private final Columns<A> columns;
    private final Plan<A> plan;
    private final Pass<A> pass;
    private final int copies;
    private final Cursor outer;
    private final Cursor row;
    private final LaneGroups<A> groups;

    /** The tile: staged rows of {@link Columns#copies} rows of the array each. */
    private final A[] in;

    private final A[] companion;

    /** One row of a tile, alone. */
    private final A[] oneIn;

    private final A[] oneCompanion;

    /** One row of x̂. */
    private final A[] xHat;

    /** Per lane, what is subtracted in sums; in double, and as an array that is repeated. */
    private final double[] means;

    private final A mean;
    private final A invStd;
    private final A zeros;

    /** Per lane of the staged rows: sums in the type of the arrays. */
    private final A firstSums;

    private final A secondSums;
    private final LaneSums batch;
    private final double[] pair = new double[2];

    private long firstLane;
    private int width;

    private ParameterSums<A> parameters;
    private long firstParameter;
    private boolean collectWhileMapping;

    /** Whether the slice is one tile that is staged already, weighted with gamma in a backward pass. */
    private boolean staged;

    ColumnTask(Columns<A> columns, Scratch<A> scratch) {
        this.columns = columns;
        this.plan = columns.plan;
        this.pass = plan.pass;
        this.copies = columns.copies;
        this.loops = scratch.loops;
        this.outer = new Cursor(plan.slots(), columns.outer);
        this.row = new Cursor(plan.slots(), plan.space.reduced);
        this.in = scratch.tile(0);
        this.companion = scratch.tile(1);
        this.oneIn = Arrays.copyOf(in, 1);
        this.oneCompanion = Arrays.copyOf(companion, 1);
        this.xHat = Arrays.copyOf(in, 1);
        this.xHat[0] = scratch.array(0);
        this.mean = scratch.array(1);
        this.invStd = scratch.array(2);
        this.firstSums = scratch.array(3);
        this.secondSums = scratch.array(4);
        this.zeros = scratch.zeros;
        this.map = scratch.laneMap();
        this.sums = new LaneSums(scratch.lanes(0), scratch.lanes(1));
        this.segmentSums = new LaneSums(scratch.lanes(2), scratch.lanes(3));
        this.batch = new LaneSums(scratch.lanes(4), scratch.lanes(5));
        this.means = scratch.lanes(6);
        this.groups = new LaneGroups<>(columns, scratch, scratch.array(5), 7);
    }

    void seek(long band, long lane, int lanes) {
        outer.seek(band);
        firstLane = lane;
        width = lanes;
        staged = false;
        groups.seek(outer.at, lane, lanes);
        if (pass.reduction() == Reduction.DOTS) {
            groups.readMeans(means);
            narrowMeans();
            if (parameters != null) {
                groups.readInvStds(batch.a);
                loops.narrow(batch.a, width, invStd);
            }
        }
    }

    int width() {
        return width;
    }

    /** Contributions to the gradients of parameters go here, while reducing. */
    void collectWhileReducing(ParameterSums<A> to) {
        parameters = to;
    }

    /** Contributions to the gradients of parameters go here, while mapping; the first one is that of a row. */
    void collectWhileMapping(ParameterSums<A> to, long firstRow) {
        parameters = to;
        firstParameter = firstRow;
        collectWhileMapping = true;
    }

    /** Sums of every lane over some rows. */
    void reduce(long from, long end, LaneSums to) {
        to.clear(width);
        if (pass.reduction() == Reduction.NONE) {
            return;
        }
        clearSums();
        long pending = 0;
        int stagedRows = 0;
        for (long at = from; at < end; ) {
            int rows = (int) Math.min(columns.tileRows(), end - at);
            stage(at, rows, pass.isBackward());
            if (pass.isBackward() && columns.varies) {
                weigh(at, rows, !collectWhileMapping);
            }
            if (columns.moments && at == from) {
                shiftToMean(rows);
            }
            addTile(rows);
            staged = rows == columns.height;
            at += rows;
            pending += rows;
            stagedRows += columns.tileRows() / copies;
            // Not many more rows around a mean than it is a mean of, so that it is near enough.
            if (at >= end || stagedRows >= MOST || columns.moments && pending >= GROWTH * to.count) {
                fold(pending, to);
                pending = 0;
                stagedRows = 0;
            }
        }
    }

    private void addTile(int rows) {
        int full = rows / copies;
        addRows(in, companion, full, width * copies);
        int rest = rows % copies;
        if (rest > 0) {
            oneIn[0] = in[full];
            oneCompanion[0] = companion[full];
            addRows(oneIn, oneCompanion, 1, rest * width);
        }
    }

    private void addRows(A[] rows, A[] companions, int count, int n) {
        switch (pass.reduction()) {
            case SUM -> loops.sumLanes(rows, count, n, firstSums);
            case MOMENTS -> loops.momentsLanes(rows, count, n, mean, firstSums, secondSums);
            default -> loops.dotsLanes(rows, companions, count, n, mean, firstSums, secondSums);
        }
    }

    /** Sets what is subtracted to the mean of the staged tile: found around its first row. */
    private void shiftToMean(int rows) {
        loops.widen(in[0], width, means);
        narrowMeans();
        addTile(rows);
        toBatch(rows);
        setMeans(batch);
    }

    /** Sets what is subtracted to means that are counted from the base, rounded. */
    private void setMeans(LaneSums from) {
        for (int lane = 0; lane < width; lane++) {
            means[lane] = groups.base[lane] + from.a[lane];
        }
        narrowMeans();
        loops.widen(mean, width, means);
    }

    private void narrowMeans() {
        loops.narrow(means, width, mean);
        loops.repeat(mean, width, copies);
    }

    /** Adds what the sums of the last rows hold. */
    private void fold(long rows, LaneSums to) {
        toBatch(rows);
        to.merge(batch, width, columns.moments);
        if (columns.moments) {
            setMeans(to);
        }
    }

    /** Moves the sums into the batch, in double, with the rows that were staged behind each other added up. */
    private void toBatch(long rows) {
        batch.clear(width);
        batch.count = rows;
        for (int copy = 0; copy < copies; copy++) {
            loops.addTo(firstSums, copy * width, width, batch.a, 0);
            loops.addTo(secondSums, copy * width, width, batch.b, 0);
        }
        clearSums();
        if (columns.moments) {
            batch.aroundMeans(means, groups.base, width);
        }
    }

    private void clearSums() {
        loops.fill(firstSums, 0, width * copies, 0);
        loops.fill(secondSums, 0, width * copies, 0);
    }

    /** See {@link LaneGroups#finish}. */
    void finish(LaneSums total, LaneMap<A> to, GroupSums groupSums, long firstGroup) {
        groups.finish(total, to, groupSums, firstGroup);
    }

    /** Maps every lane of some rows. */
    void map(long from, long end, LaneMap<A> c) {
        for (long at = from; at < end; ) {
            int rows = (int) Math.min(staged ? columns.tileRows() : columns.mapRows(), end - at);
            if (!staged) {
                stage(at, rows, pass.mapsCompanion() || collectWhileMapping);
                if (pass.isBackward() && columns.varies) {
                    weigh(at, rows, collectWhileMapping);
                }
            }
            mapTile(rows, c);
            if (!pass.isBackward() && columns.varies) {
                applyParameters(at, rows);
            }
            transfer(Slot.OUT, at, 0, rows, in, true);
            at += rows;
        }
    }

    private void mapTile(int rows, LaneMap<A> c) {
        // The last staged row may be shorter; what lies behind it is mapped too and not stored.
        int count = (rows + copies - 1) / copies;
        int n = width * copies;
        if (pass.mapsCompanion()) {
            loops.mapBackwardLanes(in, companion, count, n, c.meanGradient, c.mean, c.slope, c.scale);
        } else {
            loops.mapLanes(in, count, n, c.mean, c.scale, c.shift);
        }
    }

    private void applyParameters(long from, int rows) {
        row.seek(from);
        for (int r = 0; r < rows; r++) {
            loops.map(in[r], width, 0, parameter(Slot.GAMMA, 1), parameter(Slot.BETA, 0));
            row.next();
        }
    }

    /** Takes what the staged tile contributes to dGamma and dBeta, if so wanted, and multiplies dy by gamma. */
    private void weigh(long from, int rows, boolean collect) {
        row.seek(from);
        for (int r = 0; r < rows; r++) {
            if (collect && parameters != null) {
                collect(r);
            }
            if (plan.has(Slot.GAMMA)) {
                loops.map(in[r], width, 0, parameter(Slot.GAMMA, 1), 0);
            }
            row.next();
        }
    }

    private void collect(int r) {
        System.arraycopy(companion[r], 0, xHat[0], 0, width);
        loops.mapLanes(xHat, 1, width, mean, invStd, zeros);
        Careful.dots(loops, in[r], xHat[0], width, 0, pair);
        parameters.add(outer.at[Slot.PARAMETER] + row.at[Slot.PARAMETER] - firstParameter, pair[1], pair[0]);
    }

    private double parameter(int slot, double absent) {
        return plan.get(slot, outer.at[slot] + row.at[slot], absent);
    }

    /** Stores the gradients of the parameters of some rows. */
    void storeParameters(long from, long end, ParameterSums<A> gradients) {
        row.seek(from);
        for (int r = 0; r < end - from; r++) {
            plan.put(Slot.D_GAMMA, row.at[Slot.D_GAMMA], gradients.dGamma()[r]);
            plan.put(Slot.D_BETA, row.at[Slot.D_BETA], gradients.dBeta()[r]);
            row.next();
        }
    }

    private void stage(long from, int rows, boolean withCompanion) {
        if (!withCompanion) {
            transfer(Slot.IN, from, 0, rows, in, false);
            return;
        }
        // In turn, so that the processor fetches from two streams at once.
        for (int r = 0; r < rows; r += copies) {
            int n = Math.min(copies, rows - r);
            transfer(Slot.IN, from, r, n, in, false);
            transfer(Slot.COMPANION, from, r, n, companion, false);
        }
    }

    /** Copies rows [first, first+count) of the tile that begins at a row of the slice. */
    private void transfer(int slot, long from, int first, int count, A[] tile, boolean toMemory) {
        long stride = columns.lanes.strides[slot];
        long lane = outer.at[slot] + firstLane * stride;
        if (columns.rowsFollow(slot, width)) {
            for (int r = first; r < first + count; r += copies) {
                int n = Math.min(copies, first + count - r) * width;
                copy(slot, lane + (from + r) * width, 1, tile[r / copies], 0, n, toMemory);
            }
            return;
        }
        row.seek(from + first);
        for (int r = first; r < first + count; r++) {
            copy(slot, lane + row.at[slot], stride, tile[r / copies], r % copies * width, width, toMemory);
            row.next();
        }
    }

    private void copy(int slot, long place, long stride, A array, int at, int n, boolean toMemory) {
        if (toMemory) {
            plan.store(slot, place, stride, array, at, n);
        } else {
            plan.load(slot, place, stride, array, at, n);
        }
    }
}
