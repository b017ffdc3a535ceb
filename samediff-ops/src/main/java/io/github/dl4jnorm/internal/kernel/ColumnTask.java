package io.github.dl4jnorm.internal.kernel;

/**
 * A thread at work for {@link Columns}: a slice of lanes, and a tile of it.
 *
 * @param <A> type of arrays
 */
final class ColumnTask<A> {
    /** How many rows are summed in the type of the arrays before they are added in double. */
    private static final int MAX_ROWS_IN_TYPE = 256;

    /** Rows that are enough for a first guess at a mean. */
    private static final int GUESS_ROWS = 16;

    /**
     * How many times more rows may be summed around a mean than it is a mean of. If it is off by δ, n rows add nδ² to
     * the squares, of which rounding costs a part; as the rows of that mean are among those summed, the result is
     * nδ²/(MAX_GROWTH+1) or more.
     */
    private static final int MAX_GROWTH = 8;

    final InnerLoops<A> loops;
    final LaneSums sums;
    final LaneSums segmentSums;

    /** Coefficients of the slice, for tasks that do all of a slice. */
    final LaneMap<A> map;

    /** Coefficients with which the forward pass mapped the slice, where a backward pass repeats that. */
    private final LaneMap<A> forwardMap;

    private final Tiles<A> tiles;
    private final Cursor outer = new Cursor(Slot.COUNT);
    private final Cursor outerRow = new Cursor(Slot.COUNT);

    /** Where that is. */
    private long atOuterRow;

    private ColumnGeometry columns;
    private Plan<A> plan;
    private NormPass<A> pass;
    private boolean moments;
    private int copies;

    private final LaneGroups<A> groups;

    /** Single rows of tiles. */
    private final Tile oneRow = new Tile();

    private final Tile otherRow = new Tile();

    /** Per lane, what is subtracted in sums; in double, and as an array that is repeated. */
    private final double[] centers;

    private final A center;

    /** Per lane, scale and shift of x̂ = (x−c)·s + shift, where parameters are collected. */
    private final A scale;

    private final A xHatShift;

    /** Per column of a tile: sums in the type of the arrays. */
    private final A firstSums;

    private final A secondSums;
    private final LaneSums batch;
    private final double[] pair = new double[2];

    private long firstLane;
    private int width;

    /** The open tile. */
    private long firstRow;

    private int rows;
    private int join;

    private ParameterSums<A> parameters;
    private long firstParameter;
    private boolean collectWhileMapping;

    ColumnTask(Scratch<A> scratch) {
        this.loops = scratch.loops;
        this.tiles = new Tiles<>(scratch);
        this.center = scratch.array(0);
        this.scale = scratch.array(1);
        this.firstSums = scratch.array(2);
        this.secondSums = scratch.array(3);
        this.xHatShift = scratch.array(4);
        this.map = scratch.laneMap(0);
        this.forwardMap = scratch.laneMap(1);
        this.sums = new LaneSums(scratch.lanes(0), scratch.lanes(1), scratch.lanes(7));
        this.segmentSums = new LaneSums(scratch.lanes(2), scratch.lanes(3), scratch.lanes(8));
        this.batch = new LaneSums(scratch.lanes(4), scratch.lanes(5), scratch.lanes(9));
        this.centers = scratch.lanes(6);
        this.groups = new LaneGroups<>(scratch);
    }

    /**
     * Begins to work for a pass.
     *
     * @param of the pass
     * @param geometry how to walk through it
     * @param wide told the number of every group that the range of the type is too small for
     */
    ColumnTask<A> start(Plan<A> of, ColumnGeometry geometry, WideGroups<A> wide) {
        plan = of;
        pass = of.pass;
        columns = geometry;
        moments = pass.reduction() == Reduction.MOMENTS;
        copies = geometry.copies;
        tiles.start(of);
        outer.start(geometry.outer);
        outerRow.start(geometry.outerReduced);
        atOuterRow = 0;
        groups.start(of, geometry, wide);
        parameters = null;
        firstParameter = 0;
        collectWhileMapping = false;
        return this;
    }

    void seek(long band, long lane, int lanes) {
        outer.seek(band);
        firstLane = lane;
        width = lanes;
        groups.seek(outer.at, lane, lanes);
        if (pass.repeatsForwardMap()) {
            groups.forwardMap(forwardMap);
        }
        if (!pass.has(Slot.STATISTIC + NormPass.CENTER)) {
            loops.fill(center, 0, width * copies, 0);
        } else if (pass.reduction() == Reduction.DOTS) {
            groups.read(group -> group[NormPass.CENTER], centers);
            narrowCenters();
        }
        if (pass.reduction() == Reduction.DOTS && parameters != null) {
            groups.read(group -> group[NormPass.SCALE], batch.a);
            loops.narrow(batch.a, width, scale);
            groups.read(NormPass::xHatShift, batch.a);
            loops.narrow(batch.a, width, xHatShift);
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
    void collectWhileMapping(ParameterSums<A> to, long first) {
        parameters = to;
        firstParameter = first;
        collectWhileMapping = true;
    }

    /** Goes to a tile that begins at a row and has at most some rows; returns the row behind it. */
    private long open(long row, long most) {
        long along = row % columns.next.size;
        if (row / columns.next.size != atOuterRow) {
            atOuterRow = row / columns.next.size;
            outerRow.seek(atOuterRow);
        }
        int n = (int) Math.min(Math.min(columns.tileRows, most), columns.next.size - along);
        firstRow = row;
        rows = n > copies ? n - n % copies : n;
        join = Math.min(copies, rows);
        return row + rows;
    }

    private long place(int slot) {
        return outer.at[slot]
                + outerRow.at[slot]
                + firstRow % columns.next.size * columns.next.strides[slot]
                + firstLane * columns.lanes.strides[slot];
    }

    private Tile read(int slot) {
        long step = columns.next.strides[slot];
        return tiles.read(slot, place(slot), step, columns.lanes.strides[slot], rows, width, join);
    }

    private Tile toWrite() {
        long step = columns.next.strides[Slot.OUT];
        return tiles.toWrite(place(Slot.OUT), step, columns.lanes.strides[Slot.OUT], rows, width, join);
    }

    /** Sums of every lane over some rows. */
    void reduce(long from, long end, LaneSums to) {
        to.clear(width);
        if (pass.reduction() == Reduction.NONE) {
            return;
        }
        if (moments) {
            guessMeans(from, end);
        }
        clearSums();
        long pending = 0;
        long most = mostRows(guessRows());
        for (long at = from; at < end; ) {
            long next = open(at, Math.min(end - at, most - pending));
            addTile();
            pending += next - at;
            at = next;
            if (at == end || pending >= most) {
                toBatch(pending);
                to.merge(batch, width, pass.reduction());
                if (moments && at < end) {
                    setCenters(to);
                }
                pending = 0;
                most = mostRows(to.count);
            }
        }
    }

    /** How many rows to sum in the type of the arrays, around means of some rows. */
    private long mostRows(double rowsOfMean) {
        long most = (long) MAX_ROWS_IN_TYPE * copies;
        return moments ? Math.min(most, (long) (MAX_GROWTH * rowsOfMean)) : most;
    }

    private int guessRows() {
        return Math.max(GUESS_ROWS, copies);
    }

    private void addTile() {
        switch (pass.reduction()) {
            case NONE -> throw new IllegalStateException("there is nothing to sum");
            case SUM -> loops.sumLanes(read(Slot.IN), firstSums, secondSums);
            case SQUARES, MOMENTS -> loops.momentsLanes(read(Slot.IN), center, firstSums, secondSums);
            case DOTS -> loops.dotsLanes(gradient(!collectWhileMapping), read(Slot.X), center, firstSums, secondSums);
        }
    }

    /** Sets what is subtracted to the means of a few rows, found around the first one. */
    private void guessMeans(long from, long end) {
        open(from, 1);
        Tile first = read(Slot.IN);
        for (int lane = 0; lane < width; lane++) {
            centers[lane] = loops.get(first, 0, lane);
        }
        narrowCenters();
        clearSums();
        long next = open(from, Math.min(end - from, guessRows()));
        addTile();
        toBatch(next - from);
        setCenters(batch);
    }

    /** Sets what is subtracted to means, rounded. */
    private void setCenters(LaneSums from) {
        for (int lane = 0; lane < width; lane++) {
            centers[lane] = from.a[lane] + from.rest[lane];
        }
        narrowCenters();
        loops.widen(center, width, centers);
        boolean overflowed = false;
        for (int lane = 0; lane < width; lane++) {
            // A mean that overflowed is none; with it, data that are finite would give NaN.
            if (!Double.isFinite(centers[lane])) {
                centers[lane] = groups.first[lane];
                overflowed = true;
            }
        }
        if (overflowed) {
            narrowCenters();
        }
    }

    private void narrowCenters() {
        loops.narrow(centers, width, center);
        loops.repeat(center, width, copies);
    }

    /** Moves the sums into the batch, in double, with the rows that were joined added up. */
    private void toBatch(long rowsOfSums) {
        batch.clear(width);
        batch.count = rowsOfSums;
        double[] second = pass.reduction() == Reduction.SUM ? batch.a : batch.b;
        for (int copy = 0; copy < copies; copy++) {
            loops.addTo(firstSums, copy * width, width, batch.a, 0);
            loops.addTo(secondSums, copy * width, width, second, 0);
        }
        clearSums();
        if (moments) {
            batch.aroundMeans(centers, width);
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
            at = open(at, end - at);
            if (pass.isBackward()) {
                mapBackward(c);
            } else {
                Tile y = toWrite();
                mapForward(read(Slot.IN), y, c);
                if (pass.isRectified()) {
                    loops.relu(y);
                }
            }
            tiles.written();
        }
    }

    private void mapBackward(LaneMap<A> c) {
        Tile g = gradient(collectWhileMapping);
        if (pass.mapsX()) {
            Tile x = read(Slot.X);
            loops.mapBackwardLanes(g, x, toWrite(), c.gradientCenter, c.center, c.slope, c.scale, c.shift);
        } else {
            loops.mapLanes(g, toWrite(), c.gradientCenter, c.scale, c.shift);
        }
    }

    private void mapForward(Tile x, Tile y, LaneMap<A> c) {
        if (!columns.varies) {
            loops.mapLanes(x, y, c.center, c.scale, c.shift);
            return;
        }
        Tile xHat = tiles.spare(2, x);
        loops.mapLanes(x, xHat, c.center, c.scale, c.shift);
        for (int r = 0; r < rows; r++) {
            loops.map(
                    oneRow.rowOf(xHat, r),
                    otherRow.rowOf(y, r),
                    0,
                    parameter(Slot.GAMMA, r, 1),
                    parameter(Slot.BETA, r, 0));
        }
    }

    /** The gradient of γ·x̂ + β in the open tile, times γ if that differs by row; then parameters are collected if asked. */
    private Tile gradient(boolean collect) {
        Tile dy = rectified(read(Slot.IN));
        if (!columns.varies) {
            return dy;
        }
        if (collect && parameters != null) {
            collect(dy);
        }
        if (!plan.has(Slot.GAMMA)) {
            return dy;
        }
        Tile g = tiles.spare(2, dy);
        for (int r = 0; r < rows; r++) {
            loops.map(oneRow.rowOf(dy, r), otherRow.rowOf(g, r), 0, parameter(Slot.GAMMA, r, 1), 0);
        }
        return g;
    }

    /** What the activation lets through of dy: it repeats the forward map. */
    private Tile rectified(Tile dy) {
        if (!pass.repeatsForwardMap()) {
            return dy;
        }
        Tile y = tiles.spare(0, dy);
        mapForward(read(Slot.X), y, forwardMap);
        Tile to = tiles.spare(1, dy);
        loops.reluBackward(dy, y, to);
        return to;
    }

    /** Takes what the rows of the open tile contribute to dGamma and dBeta. */
    private void collect(Tile dy) {
        Tile xHat = tiles.spare(2, dy);
        loops.mapLanes(read(Slot.X), xHat, center, scale, xHatShift);
        for (int r = 0; r < rows; r++) {
            loops.dots(oneRow.rowOf(dy, r), otherRow.rowOf(xHat, r), 0, pair);
            parameters.add(
                    place(Slot.PARAMETER) + r * columns.next.strides[Slot.PARAMETER] - firstParameter,
                    pair[1],
                    pair[0]);
        }
    }

    /** The parameter of a row of the open tile. */
    private double parameter(int slot, int r, double absent) {
        long first = outer.at[slot] + outerRow.at[slot] + firstRow % columns.next.size * columns.next.strides[slot];
        return plan.get(slot, first + r * columns.next.strides[slot], absent);
    }

    /** Stores the gradients of the parameters of some rows. */
    void storeParameters(long from, long end, ParameterSums<A> gradients) {
        Cursor row = new Cursor(Slot.COUNT, plan.space.reduced);
        row.seek(from);
        for (int r = 0; r < end - from; r++) {
            plan.put(Slot.D_GAMMA, row.at[Slot.D_GAMMA], gradients.dGamma()[r]);
            plan.put(Slot.D_BETA, row.at[Slot.D_BETA], gradients.dBeta()[r]);
            row.next();
        }
    }
}
