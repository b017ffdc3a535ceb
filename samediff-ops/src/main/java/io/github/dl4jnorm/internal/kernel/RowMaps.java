package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A thread at work for {@link Rows}: the maps of the open tile, with gamma and beta where these differ within a group, and
 * the gradient that comes out of an activation.
 *
 * @param <A> type of arrays
 */
class RowMaps<A> extends RowTiles<A> {
    private static final int MAX = RowGeometry.MAX_BATCH;
    private static final long NONE = -1;

    final InnerLoops<A> loops;
    NormPass<A> pass;

    /** With which coefficients a backward pass repeats the forward map, if it does. */
    final Coefficients[] forwardMaps = Coefficients.newArray(MAX);

    final A gamma;
    private final A beta;
    private final A zeros;
    private final Coefficients[] identities = Coefficients.newArray(MAX);

    private final Tile row = new Tile();
    private final Tile otherRow = new Tile();

    /** The gradient behind the activation in the open tile, if asked for already. */
    private @Nullable Tile rectified;

    /** Which parameters are in gamma and beta. */
    private long loadedGroup = NONE;

    private long loadedTile;

    RowMaps(Scratch<A> scratch) {
        super(scratch);
        this.loops = scratch.loops;
        this.gamma = scratch.array(0);
        this.beta = scratch.array(1);
        this.zeros = scratch.zeros;
        for (Coefficients identity : identities) {
            identity.scale = 1;
        }
    }

    final void startMaps(Plan<A> of, RowGeometry geometry) {
        startWalk(of, geometry);
        pass = of.pass;
        loadedGroup = NONE;
    }

    final void openTile(long tile) {
        if (open(tile)) {
            rectified = null;
        }
    }

    /** dy, or what the activation lets through of it. */
    final Tile gradient() {
        Tile dy = in();
        if (!pass.repeatsForwardMap()) {
            return dy;
        }
        if (rectified == null) {
            Tile y = tiles.spare(0, dy);
            mapForward(x(), y, forwardMaps);
            rectified = tiles.spare(1, dy);
            loops.reluBackward(dy, y, rectified);
        }
        return rectified;
    }

    final void mapTile(Coefficients[] c) {
        if (pass.isBackward()) {
            Tile g = gradient();
            mapBackward(g, toWrite(), c);
        } else {
            Tile x = in();
            Tile y = toWrite();
            mapForward(x, y, c);
            if (pass.isRectified()) {
                loops.relu(y);
            }
        }
        tiles.written();
    }

    /** y = γ·x̂ + β, rounded as {@link ColumnTask} does, because a backward pass may run there. */
    private void mapForward(Tile x, Tile y, Coefficients[] maps) {
        if (rows.variesInRun) {
            loadParameters();
            loops.mapRows(x, y, maps, gamma, beta);
            return;
        }
        Coefficients c = maps[0];
        if (!rows.varies) {
            loops.map(x, y, c.center, c.scale, c.shift);
        } else {
            loops.mapAffine(x, y, c, parameter(Slot.GAMMA, 1), parameter(Slot.BETA, 0));
        }
    }

    private void mapBackward(Tile g, Tile dx, Coefficients[] maps) {
        if (!pass.mapsX()) {
            mapGradient(weighted(g), dx, maps);
            return;
        }
        Tile x = x();
        if (rows.variesInRun) {
            loadParameters();
            loops.mapBackwardRows(g, x, dx, maps, gamma);
        } else {
            loops.mapBackward(g, x, dx, maps[0], rows.varies ? parameter(Slot.GAMMA, 1) : 1);
        }
    }

    private void mapGradient(Tile g, Tile dx, Coefficients[] maps) {
        if (groups == 1) {
            loops.map(g, dx, maps[0].gradientCenter, maps[0].scale, maps[0].shift);
            return;
        }
        for (int i = 0; i < groups; i++) {
            Coefficients c = maps[i];
            loops.map(row.rowOf(g, i), otherRow.rowOf(dx, i), c.gradientCenter, c.scale, c.shift);
        }
    }

    /** The gradient times gamma, where that differs within the group. */
    private Tile weighted(Tile g) {
        if (!rows.varies || !plan.has(Slot.GAMMA)) {
            return g;
        }
        Tile to = tiles.spare(2, g);
        if (rows.variesInRun) {
            loadParameters();
            loops.mapRows(g, to, identities, gamma, zeros);
        } else {
            loops.map(g, to, 0, parameter(Slot.GAMMA, 1), 0);
        }
        return to;
    }

    /** Brings gamma and beta of the columns of the open tile to arrays. */
    final void loadParameters() {
        long at = placeOfGroup(Slot.PARAMETER, 0);
        if (at == loadedGroup && openTile() == loadedTile) {
            return;
        }
        loadOr(Slot.GAMMA, gamma, 1);
        loadOr(Slot.BETA, beta, 0);
        loadedGroup = at;
        loadedTile = openTile();
    }

    private void loadOr(int slot, A to, double absent) {
        if (plan.has(slot)) {
            plan.load(slot, place(slot), rows.inner.strides[slot], to, 0, length());
        } else {
            loops.fill(to, 0, length(), absent);
        }
    }

    /** The parameter of the whole group. */
    final double ofGroup(int slot, double absent) {
        return rows.varies ? absent : plan.get(slot, placeOfGroup(slot, 0), absent);
    }

    /** The parameter of the open tile, where it differs from tile to tile only. */
    final double parameter(int slot, double absent) {
        return plan.get(slot, place(slot), absent);
    }
}
