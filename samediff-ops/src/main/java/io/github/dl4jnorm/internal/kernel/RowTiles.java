package io.github.dl4jnorm.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Where a thread is in the walk of {@link Rows}: at some groups that follow each other, and at one tile of them. If it is
 * at several groups, each is one row of the only tile.
 *
 * @param <A> type of arrays
 */
class RowTiles<A> {
    private static final long NONE = -1;

    RowGeometry rows;
    Plan<A> plan;

    /** How many groups. */
    int groups;

    final Tiles<A> tiles;

    /** The first of the groups. */
    final Cursor group = new Cursor(Slot.COUNT);

    private final Cursor outer = new Cursor(Slot.COUNT);

    /** Where that is. */
    private long atOuter;

    /** The open tile: its number, its first run along {@link RowGeometry#next}, and its place in the run. */
    private long open;

    private long firstRun;
    private int runs;
    private long from;
    private int length;

    /** The input and x of a backward pass in the open tile, if asked for already. */
    private @Nullable Tile in;

    private @Nullable Tile x;

    RowTiles(Scratch<A> scratch) {
        this.tiles = new Tiles<>(scratch);
    }

    final void startWalk(Plan<A> of, RowGeometry geometry) {
        rows = geometry;
        plan = of;
        tiles.start(of);
        group.start(of.space.kept);
        outer.start(geometry.outer);
        atOuter = 0;
        firstRun = 0;
        from = 0;
        length = geometry.pieceLength;
        goTo(0, 1);
    }

    /** Goes to groups. */
    final void goTo(long first, int count) {
        group.seek(first);
        groups = count;
        open = NONE;
    }

    /** Goes to the one group behind the one at which this is. */
    final void goToNext() {
        group.next();
        open = NONE;
    }

    /** Opens a tile; whether it was not open already. */
    final boolean open(long tile) {
        if (tile == open) {
            return false;
        }
        open = tile;
        in = null;
        x = null;
        if (rows.tiles == 1) {
            runs = groups > 1 ? groups : rows.tileRuns;
            return true;
        }
        from = tile % rows.pieces * rows.pieceLength;
        length = (int) Math.min(rows.pieceLength, rows.inner.size - from);
        long place = tile / rows.pieces;
        firstRun = place % rows.tilesAlongNext * rows.tileRuns;
        runs = (int) Math.min(rows.tileRuns, rows.next.size - firstRun);
        long band = place / rows.tilesAlongNext;
        if (band != atOuter) {
            outer.seek(band);
            atOuter = band;
        }
        return true;
    }

    /** Which tile is open. */
    final long openTile() {
        return open;
    }

    /** Elements in a row of the open tile. */
    final int length() {
        return length;
    }

    /** Elements of the open tile. */
    final long size() {
        return (long) runs * length;
    }

    /** Where the i-th of the groups begins. */
    final long placeOfGroup(int slot, int i) {
        return group.at[slot] + i * rows.along.strides[slot];
    }

    /** Where the open tile begins. */
    final long place(int slot) {
        return group.at[slot] + outer.at[slot] + firstRun * rows.next.strides[slot] + from * rows.inner.strides[slot];
    }

    private Axis next() {
        return groups > 1 ? rows.along : rows.next;
    }

    final Tile in() {
        if (in == null) {
            in = read(Slot.IN);
        }
        return in;
    }

    final Tile x() {
        if (x == null) {
            x = read(Slot.X);
        }
        return x;
    }

    private Tile read(int slot) {
        long step = next().strides[slot];
        return tiles.read(slot, place(slot), step, rows.inner.strides[slot], runs, length, rows.join(runs));
    }

    final Tile toWrite() {
        long step = next().strides[Slot.OUT];
        return tiles.toWrite(place(Slot.OUT), step, rows.inner.strides[Slot.OUT], runs, length, rows.join(runs));
    }
}
