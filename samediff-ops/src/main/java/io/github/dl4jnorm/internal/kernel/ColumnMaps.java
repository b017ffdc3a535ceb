package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A thread at work for {@link Columns}: the maps of the open tile, the gradient that comes out of an activation, and what
 * rows contribute to gradients of parameters of their own.
 *
 * @param <A> type of arrays
 */
class ColumnMaps<A> extends ColumnTiles<A> {
    final InnerLoops<A> loops;
    NormPass<A> pass;

    /** Coefficients with which the forward pass mapped the slice, where a backward pass repeats that. */
    final LaneMap<A> forwardMap;

    /** Per lane, what is subtracted in sums; repeated as often as rows are joined. */
    final A center;

    /** Per lane, scale and shift of x̂ = (x−c)·s + shift, where parameters are collected. */
    final A scale;

    final A xHatShift;

    /** Single rows of tiles. */
    private final Tile oneRow = new Tile();

    private final Tile otherRow = new Tile();

    private final double[] pair = new double[2];

    /** Where contributions to dGamma and dBeta go; null for nowhere. */
    @Nullable ParameterSums<A> parameters;

    private long firstParameter;
    boolean collectWhileMapping;

    ColumnMaps(Scratch<A> scratch) {
        super(scratch);
        this.loops = scratch.loops;
        this.center = scratch.array(0);
        this.scale = scratch.array(1);
        this.xHatShift = scratch.array(4);
        this.forwardMap = scratch.laneMap(1);
    }

    final void startMaps(Plan<A> of, ColumnGeometry geometry) {
        startWalk(of, geometry);
        pass = of.pass;
        parameters = null;
        firstParameter = 0;
        collectWhileMapping = false;
    }

    /** Contributions to the gradients of parameters go here, while reducing. */
    final void collectWhileReducing(ParameterSums<A> to) {
        parameters = to;
    }

    /** Contributions to the gradients of parameters go here, while mapping; the first one is that of a row. */
    final void collectWhileMapping(ParameterSums<A> to, long first) {
        parameters = to;
        firstParameter = first;
        collectWhileMapping = true;
    }

    /** Maps every lane of some rows. */
    final void map(long from, long end, LaneMap<A> c) {
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
            loops.mapBackwardLanes(g, read(Slot.X), toWrite(), c);
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
    final Tile gradient(boolean collect) {
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

    /** Stores the gradients of the parameters of some rows. */
    final void storeParameters(long from, long end, ParameterSums<A> gradients) {
        Cursor row = new Cursor(Slot.COUNT, plan.space.reduced);
        row.seek(from);
        for (int r = 0; r < end - from; r++) {
            plan.put(Slot.D_GAMMA, row.at[Slot.D_GAMMA], gradients.dGamma()[r]);
            plan.put(Slot.D_BETA, row.at[Slot.D_BETA], gradients.dBeta()[r]);
            row.next();
        }
    }
}
