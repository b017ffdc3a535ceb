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

    final InnerLoops<A> loops;
    final LaneSums sums = new LaneSums(Columns.WIDTH);
    final LaneSums segmentSums = new LaneSums(Columns.WIDTH);

    /** Coefficients of the slice, for tasks that do all of a slice. */
    final LaneMap<A> map;

    private final Columns<A> columns;
    private final Plan<A> plan;
    private final Pass<A> pass;
    private final int copies;
    private final Cursor outer;
    private final Cursor row;
    private final long[] place;

    /** The tile: staged rows of {@link #copies} rows of the array each. */
    private final A[] in;

    private final A[] companion;

    /** One row of a tile, alone. */
    private final A[] oneIn;

    private final A[] oneCompanion;

    /** Per lane, repeated: the value to subtract in sums, 1/√(σ²+ε), and zeros. */
    private final A mean;

    private final A invStd;
    private final A zeros;

    /** Per lane, what means are counted from; see {@link Sums#base}. */
    private final double[] base = new double[Columns.WIDTH];

    /** One row of x̂. */
    private final A[] xHat;

    /** Per lane of the staged rows: sums in the type of the arrays. */
    private final A firstSums;

    private final A secondSums;
    private final LaneSums batch = new LaneSums(Columns.WIDTH);

    private final double[] pair = new double[2];
    private final Sums laneSums = new Sums();
    private final Coefficients laneMap = new Coefficients();

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
        this.place = new long[plan.slots()];
        this.in = scratch.tile(0);
        this.companion = scratch.tile(1);
        this.oneIn = Arrays.copyOf(in, 1);
        this.oneCompanion = Arrays.copyOf(companion, 1);
        this.mean = scratch.array(0);
        this.invStd = scratch.array(1);
        this.firstSums = scratch.array(2);
        this.secondSums = scratch.array(3);
        this.zeros = scratch.array(4);
        this.xHat = Arrays.copyOf(in, 1);
        this.xHat[0] = scratch.array(5);
        loops.fill(zeros, 0, Columns.WIDTH, 0);
        this.map = scratch.laneMap();
    }

    void seek(long band, long lane, int lanes) {
        outer.seek(band);
        firstLane = lane;
        width = lanes;
        staged = false;
        if (pass.reduction() == Reduction.DOTS) {
            readMeans();
        } else if (columns.moments) {
            readBase();
        }
    }

    private void readBase() {
        transfer(Slot.IN, 0, 1, in, false);
        for (int j = 0; j < width; j++) {
            base[j] = loops.get(in[0], j);
        }
    }

    private void readMeans() {
        for (int lane = 0; lane < width; lane++) {
            goTo(lane);
            loops.set(mean, lane, pass.mean(place));
            loops.set(invStd, lane, pass.invStd(place));
        }
        loops.repeat(mean, width, copies);
    }

    private void goTo(int lane) {
        for (int slot = 0; slot < place.length; slot++) {
            place[slot] = outer.at[slot] + (firstLane + lane) * columns.lanes.strides[slot];
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
            if (columns.moments && to.count == 0) {
                shiftToMean(rows);
            }
            addTile(rows);
            staged = rows == columns.height;
            at += rows;
            pending += rows;
            stagedRows += columns.tileRows() / copies;
            // Never more rows around a mean than it is a mean of, so that it is near enough.
            if (at >= end || stagedRows >= MOST || columns.moments && pending >= to.count) {
                fold(pending, to);
                pending = 0;
                stagedRows = 0;
            }
        }
    }

    private void addTile(int rows) {
        int n = width * copies;
        int full = rows / copies;
        addRows(in, companion, full, n);
        int rest = rows % copies;
        if (rest > 0) {
            oneIn[0] = in[full];
            oneCompanion[0] = companion[full];
            addRows(oneIn, oneCompanion, 1, rest * width);
        }
    }

    private void addRows(A[] staged, A[] companions, int count, int n) {
        switch (pass.reduction()) {
            case SUM -> loops.sumLanes(staged, count, n, firstSums);
            case MOMENTS -> loops.momentsLanes(staged, count, n, mean, firstSums, secondSums);
            default -> loops.dotsLanes(staged, companions, count, n, mean, firstSums, secondSums);
        }
    }

    /** Sets the value to subtract to the mean of the staged tile: first around its first row, then around that mean. */
    private void shiftToMean(int rows) {
        System.arraycopy(in[0], 0, mean, 0, width);
        loops.repeat(mean, width, copies);
        addTile(rows);
        toBatch(rows);
        setMean(batch.a);
    }

    private void setMean(double[] means) {
        for (int lane = 0; lane < width; lane++) {
            loops.set(mean, lane, base[lane] + means[lane]);
        }
        loops.repeat(mean, width, copies);
    }

    /** Adds what the sums of the last rows hold. */
    private void fold(long rows, LaneSums to) {
        toBatch(rows);
        to.merge(batch, width, columns.moments);
        if (columns.moments) {
            setMean(to.a);
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
            for (int lane = 0; lane < width; lane++) {
                double sum = batch.a[lane];
                double offset = sum / rows;
                batch.a[lane] = loops.get(mean, lane) - base[lane] + offset;
                batch.b[lane] = Math.max(0, batch.b[lane] - offset * sum);
            }
        }
    }

    private void clearSums() {
        loops.fill(firstSums, 0, width * copies, 0);
        loops.fill(secondSums, 0, width * copies, 0);
    }

    /** Turns sums into coefficients, stores the statistics, and notes the sums of each group if so wanted. */
    void finish(LaneSums total, LaneMap<A> to, GroupSums groupSums, long firstGroup) {
        for (int lane = 0; lane < width; lane++) {
            goTo(lane);
            laneSums.base = base[lane];
            total.copyTo(laneSums, lane);
            if (groupSums != null) {
                groupSums.set(firstGroup + lane, laneSums, pass.invStd(place));
            }
            double gamma = columns.varies ? 1 : plan.get(Slot.GAMMA, place[Slot.GAMMA], 1);
            double beta = columns.varies ? 0 : plan.get(Slot.BETA, place[Slot.BETA], 0);
            pass.finish(place, laneSums, gamma, beta, laneMap, loops);
            if (!isInRange(lane, total)) {
                columns.leaveToRows(firstGroup + lane);
            }
            to.set(lane, laneMap, loops);
        }
        to.repeat(width, copies, loops);
    }

    private boolean isInRange(int lane, LaneSums total) {
        return Double.isFinite(total.a[lane]) && Double.isFinite(total.b[lane]) && Careful.fits(loops, laneMap.scale);
    }

    /** Maps every lane of some rows. */
    void map(long from, long end, LaneMap<A> c) {
        for (long at = from; at < end; ) {
            int rows = (int) Math.min(columns.tileRows(), end - at);
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
            transfer(Slot.OUT, at, rows, in, true);
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
        transfer(Slot.IN, from, rows, in, false);
        if (withCompanion) {
            transfer(Slot.COMPANION, from, rows, companion, false);
        }
    }

    /** Copies rows of the slice between memory and a tile. */
    private void transfer(int slot, long from, int rows, A[] tile, boolean toMemory) {
        long stride = columns.lanes.strides[slot];
        long first = outer.at[slot] + firstLane * stride;
        boolean together = columns.rowsFollow(slot, width);
        row.seek(from);
        for (int r = 0; r < rows; ) {
            int count = together ? Math.min(copies, rows - r) : 1;
            A array = tile[r / copies];
            int at = r % copies * width;
            if (toMemory) {
                plan.store(slot, first + row.at[slot], stride, array, at, count * width);
            } else {
                plan.load(slot, first + row.at[slot], stride, array, at, count * width);
            }
            r += count;
            for (int i = 0; i < count; i++) {
                row.next();
            }
        }
    }
}
