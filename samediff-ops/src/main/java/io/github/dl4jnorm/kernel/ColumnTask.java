package io.github.dl4jnorm.kernel;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * One task of {@link Columns} at work: a slice of lanes, and the tile that is staged.
 *
 * @param <A> type of staging array
 */
final class ColumnTask<A> {
    /** How many rows are summed in the type of the arrays before they are added in double. */
    private static final int MAX_ROWS_IN_TYPE = 128;

    /**
     * How many times more rows may be summed around a mean than it is a mean of. If it is off by δ, n rows add nδ² to
     * the squares, of which rounding costs a part; the merge then adds nδ²/(MAX_GROWTH+1) or more to the result.
     */
    private static final int MAX_GROWTH = 8;

    final InnerLoops<A> loops;
    final LaneSums sums;
    final LaneSums segmentSums;

    /** Coefficients of the slice, for tasks that do all of a slice. */
    final LaneMap<A> map;

    /** Coefficients with which the forward pass mapped the slice, where a backward pass repeats that. */
    private final LaneMap<A> forwardMap;

    private final ColumnGeometry columns;
    private final Plan<A> plan;
    private final NormPass<A> pass;
    private final boolean moments;
    private final int copies;
    private final Cursor outer;
    private final Cursor row;
    private final LaneGroups<A> groups;

    /** The tile: staged rows of {@link ColumnGeometry#copies} rows of the array each. */
    private final A[] in;

    private final A[] x;

    /** One row of a tile, alone. */
    private final A[] oneIn;

    private final A[] oneX;

    /** One row of x̂, or of the output before its rectifier. */
    private final A[] xHat;

    /** Per lane, what is subtracted in sums; in double, and as an array that is repeated. */
    private final double[] centers;

    private final A center;

    /** Per lane, scale and shift of x̂ = (x−c)·s + shift, where parameters are collected. */
    private final A scale;

    private final A xHatShift;

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

    /**
     * @param plan the pass
     * @param columns how to walk through it
     * @param scratch arrays of the thread
     * @param needsWideSums told the number of every group whose sums must be formed in double
     */
    ColumnTask(Plan<A> plan, ColumnGeometry columns, Scratch<A> scratch, LongConsumer needsWideSums) {
        this.columns = columns;
        this.plan = plan;
        this.pass = plan.pass;
        this.moments = pass.reduction() == Reduction.MOMENTS;
        this.copies = columns.copies;
        this.loops = scratch.loops;
        this.outer = new Cursor(Slot.COUNT, columns.outer);
        this.row = new Cursor(Slot.COUNT, columns.reduced);
        this.in = scratch.tile(0);
        this.x = scratch.tile(1);
        this.oneIn = Arrays.copyOf(in, 1);
        this.oneX = Arrays.copyOf(x, 1);
        this.xHat = Arrays.copyOf(in, 1);
        this.xHat[0] = scratch.array(0);
        this.center = scratch.array(1);
        this.scale = scratch.array(2);
        this.firstSums = scratch.array(3);
        this.secondSums = scratch.array(4);
        this.xHatShift = scratch.array(6);
        this.map = scratch.laneMap(0);
        this.forwardMap = pass.repeatsForwardMap() ? scratch.laneMap(1) : null;
        this.sums = new LaneSums(scratch.lanes(0), scratch.lanes(1));
        this.segmentSums = new LaneSums(scratch.lanes(2), scratch.lanes(3));
        this.batch = new LaneSums(scratch.lanes(4), scratch.lanes(5));
        this.centers = scratch.lanes(6);
        this.groups = new LaneGroups<>(plan, columns, scratch, scratch.array(5), needsWideSums);
    }

    void seek(long band, long lane, int lanes) {
        outer.seek(band);
        firstLane = lane;
        width = lanes;
        staged = false;
        groups.seek(outer.at, lane, lanes);
        if (forwardMap != null) {
            groups.forwardMap(forwardMap);
        }
        if (!pass.has(Slot.STATISTIC + NormPass.CENTER)) {
            loops.fill(center, 0, width * copies, 0);
        } else if (pass.reduction() == Reduction.DOTS) {
            groups.read(group -> group[NormPass.CENTER], centers);
            narrowCenters();
        }
        if (pass.reduction() == Reduction.DOTS) {
            if (parameters != null) {
                groups.read(group -> group[NormPass.SCALE], batch.a);
                loops.narrow(batch.a, width, scale);
                groups.read(NormPass::xHatShift, batch.a);
                loops.narrow(batch.a, width, xHatShift);
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
                collectAndWeigh(at, rows, !collectWhileMapping);
            }
            if (moments && at == from) {
                shiftToMean(rows);
            }
            addTile(rows);
            staged = rows == columns.height;
            at += rows;
            pending += rows;
            stagedRows += columns.tileRows() / copies;
            // Not many more rows around a mean than it is a mean of, so that it is near enough.
            if (at >= end || stagedRows >= MAX_ROWS_IN_TYPE || moments && pending >= MAX_GROWTH * to.count) {
                fold(pending, to);
                pending = 0;
                stagedRows = 0;
            }
        }
    }

    private void addTile(int rows) {
        int full = rows / copies;
        addRows(in, x, full, width * copies);
        int rest = rows % copies;
        if (rest > 0) {
            oneIn[0] = in[full];
            oneX[0] = x[full];
            addRows(oneIn, oneX, 1, rest * width);
        }
    }

    private void addRows(A[] rows, A[] xRows, int count, int n) {
        switch (pass.reduction()) {
            case NONE -> throw new IllegalStateException("there is nothing to sum");
            case SUM -> loops.sumLanes(rows, count, n, firstSums);
            case SQUARES, MOMENTS -> loops.momentsLanes(rows, count, n, center, firstSums, secondSums);
            case DOTS -> loops.dotsLanes(rows, xRows, count, n, center, firstSums, secondSums);
        }
    }

    /** Sets what is subtracted to the mean of the staged tile: found around its first row. */
    private void shiftToMean(int rows) {
        loops.widen(in[0], width, centers);
        narrowCenters();
        addTile(rows);
        toBatch(rows);
        setCenters(batch);
    }

    /** Sets what is subtracted to means that are counted from the base, rounded. */
    private void setCenters(LaneSums from) {
        for (int lane = 0; lane < width; lane++) {
            double mean = groups.base[lane] + from.a[lane];
            // A mean that overflowed is none; with it, data that are finite would give NaN.
            centers[lane] = Double.isFinite(loops.round(mean)) ? mean : groups.base[lane];
        }
        narrowCenters();
        loops.widen(center, width, centers);
    }

    private void narrowCenters() {
        loops.narrow(centers, width, center);
        loops.repeat(center, width, copies);
    }

    /** Adds what the sums of the last rows hold. */
    private void fold(long rows, LaneSums to) {
        toBatch(rows);
        to.merge(batch, width, pass.reduction());
        if (moments) {
            setCenters(to);
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
        if (moments) {
            batch.aroundMeans(centers, groups.base, width);
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
                stage(at, rows, pass.mapsX() || collectWhileMapping);
                if (pass.isBackward() && columns.varies) {
                    collectAndWeigh(at, rows, collectWhileMapping);
                }
            }
            mapTile(rows, c);
            if (!pass.isBackward()) {
                finishForward(at, rows);
            }
            transfer(Slot.OUT, at, 0, rows, in, true);
            at += rows;
        }
    }

    private void mapTile(int rows, LaneMap<A> c) {
        // The last staged row may be shorter; what lies behind it is mapped too and not stored.
        int count = (rows + copies - 1) / copies;
        int n = width * copies;
        if (pass.mapsX()) {
            loops.mapBackwardLanes(in, x, count, n, c.gradientCenter, c.center, c.slope, c.scale, c.shift);
        } else {
            loops.mapLanes(in, count, n, pass.isBackward() ? c.gradientCenter : c.center, c.scale, c.shift);
        }
    }

    private void finishForward(long from, int rows) {
        if (columns.varies) {
            row.seek(from);
            for (int r = 0; r < rows; r++) {
                applyParameters(in[r]);
                row.next();
            }
        }
        if (pass.isRectified()) {
            for (int r = 0; r * copies < rows; r++) {
                loops.relu(in[r], width * copies);
            }
        }
    }

    /** Applies the gamma and beta of the row that {@link #row} is at. */
    private void applyParameters(A x) {
        loops.map(x, width, 0, parameter(Slot.GAMMA, 1), parameter(Slot.BETA, 0));
    }

    /** Zeros the staged dy wherever the forward pass had a negative output, which it computes again. */
    private void passRectifier(long from, int rows) {
        row.seek(from);
        for (int r = 0; r * copies < rows; r++) {
            System.arraycopy(x[r], 0, xHat[0], 0, width * copies);
            loops.mapLanes(xHat, 1, width * copies, forwardMap.center, forwardMap.scale, forwardMap.shift);
            if (columns.varies) {
                applyParameters(xHat[0]);
                row.next();
            }
            loops.reluBackward(in[r], xHat[0], width * copies);
        }
    }

    /** Takes what the staged tile contributes to dGamma and dBeta, if so wanted, and multiplies dy by gamma. */
    private void collectAndWeigh(long from, int rows, boolean collect) {
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
        System.arraycopy(x[r], 0, xHat[0], 0, width);
        loops.mapLanes(xHat, 1, width, center, scale, xHatShift);
        dots(in[r], xHat[0]);
        parameters.add(outer.at[Slot.PARAMETER] + row.at[Slot.PARAMETER] - firstParameter, pair[1], pair[0]);
    }

    /** Sets the pair to Σdy, Σdy·x̂ over the lanes of a row. */
    private void dots(A dy, A xHatOfRow) {
        loops.dots(dy, xHatOfRow, width, 0, pair);
        if (!Double.isFinite(pair[0]) || !Double.isFinite(pair[1])) {
            WideRange.dots(loops, dy, xHatOfRow, width, 0, pair);
        }
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

    private void stage(long from, int rows, boolean withX) {
        if (!withX && forwardMap == null) {
            transfer(Slot.IN, from, 0, rows, in, false);
            return;
        }
        // In turn, so that the processor fetches from two streams at once.
        for (int r = 0; r < rows; r += copies) {
            int n = Math.min(copies, rows - r);
            transfer(Slot.IN, from, r, n, in, false);
            transfer(Slot.X, from, r, n, x, false);
        }
        if (forwardMap != null) {
            passRectifier(from, rows);
        }
    }

    /** Copies rows [first, first+count) of the tile that begins at a row of the slice. */
    private void transfer(int slot, long from, int first, int count, A[] tile, boolean toMemory) {
        long stride = columns.lanes.strides[slot];
        long lane = outer.at[slot] + firstLane * stride;
        if (columns.isContiguous(slot, width)) {
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
