package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A thread at work for {@link Columns}: a slice of lanes, and a tile of it.
 *
 * @param <A> type of arrays
 */
final class ColumnTask<A> extends ColumnMaps<A> {
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

    final LaneSums sums;
    final LaneSums segmentSums;

    /** Coefficients of the slice, for tasks that do all of a slice. */
    final LaneMap<A> map;

    private boolean moments;
    private final LaneGroups<A> groups;

    /** Per lane, what is subtracted in sums: {@link #center} in double. */
    private final double[] centers;

    /** Per column of a tile: sums in the type of the arrays. */
    private final A firstSums;

    private final A secondSums;
    private final LaneSums batch;

    ColumnTask(Scratch<A> scratch) {
        super(scratch);
        this.firstSums = scratch.array(2);
        this.secondSums = scratch.array(3);
        this.map = scratch.laneMap(0);
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
        startMaps(of, geometry);
        moments = pass.reduction() == Reduction.MOMENTS;
        groups.start(of, geometry, wide);
        return this;
    }

    void seek(long band, long lane, int lanes) {
        goTo(band, lane, lanes);
        groups.seek(placeOfBand(), lane, lanes);
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
    void finish(LaneSums total, LaneMap<A> to, @Nullable GroupSums groupSums, long firstGroup) {
        groups.finish(total, to, groupSums, firstGroup);
    }
}
