package io.github.dl4jnorm.internal.kernel;

/**
 * Where a thread is in the walk of {@link Columns}: at a slice of lanes, and at a tile of it.
 *
 * @param <A> type of arrays
 */
class ColumnTiles<A> {
    ColumnGeometry columns;
    Plan<A> plan;

    /** How many rows are joined, at most. */
    int copies;

    /** How many lanes. */
    int width;

    /** Rows of the open tile, and how many of them are joined. */
    int rows;

    private int join;

    final Tiles<A> tiles;

    private final Cursor outer = new Cursor(Slot.COUNT);
    private final Cursor outerRow = new Cursor(Slot.COUNT);

    /** Where that is. */
    private long atOuterRow;

    private long firstLane;

    /** The first row of the open tile. */
    private long firstRow;

    ColumnTiles(Scratch<A> scratch) {
        this.tiles = new Tiles<>(scratch);
    }

    final void startWalk(Plan<A> of, ColumnGeometry geometry) {
        plan = of;
        columns = geometry;
        copies = geometry.copies;
        tiles.start(of);
        outer.start(geometry.outer);
        outerRow.start(geometry.outerReduced);
        atOuterRow = 0;
    }

    /** Goes to a slice. */
    final void goTo(long band, long lane, int lanes) {
        outer.seek(band);
        firstLane = lane;
        width = lanes;
    }

    final int width() {
        return width;
    }

    /** Where the band of the slice begins, for every operand. */
    final long[] placeOfBand() {
        return outer.at;
    }

    /** Goes to a tile that begins at a row and has at most some rows; returns the row behind it. */
    final long open(long row, long most) {
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

    final long place(int slot) {
        return outer.at[slot]
                + outerRow.at[slot]
                + firstRow % columns.next.size * columns.next.strides[slot]
                + firstLane * columns.lanes.strides[slot];
    }

    final Tile read(int slot) {
        long step = columns.next.strides[slot];
        return tiles.read(slot, place(slot), step, columns.lanes.strides[slot], rows, width, join);
    }

    final Tile toWrite() {
        long step = columns.next.strides[Slot.OUT];
        return tiles.toWrite(place(Slot.OUT), step, columns.lanes.strides[Slot.OUT], rows, width, join);
    }

    /** The parameter of a row of the open tile. */
    final double parameter(int slot, int r, double absent) {
        long first = outer.at[slot] + outerRow.at[slot] + firstRow % columns.next.size * columns.next.strides[slot];
        return plan.get(slot, first + r * columns.next.strides[slot], absent);
    }
}
