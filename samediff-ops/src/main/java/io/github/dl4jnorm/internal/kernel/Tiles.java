package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;

/**
 * The large operands of a pass as tiles: where they lie if the loops can run on them there, else copied to memory of the
 * thread.
 *
 * @param <A> type of arrays
 */
final class Tiles<A> {
    /** What belongs to no operand is kept in tiles behind those of the operands. */
    private static final int OPERANDS = Slot.OUT + 1;

    private static final int SPARE = 3;
    private static final long NOTHING = -1;

    private final Scratch<A> scratch;
    private final Tile[] tiles = new Tile[OPERANDS + SPARE];

    /** Which element is the first one of the copy of each operand. */
    private final long[] copied = new long[OPERANDS];

    private Plan<A> plan;

    private long outPlace;
    private long outStep;
    private long outStride;
    private int outJoin;

    Tiles(Scratch<A> scratch) {
        this.scratch = scratch;
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new Tile();
        }
    }

    /** Begins with the operands of a pass; nothing of them has been copied. */
    void start(Plan<A> of) {
        plan = of;
        Arrays.fill(copied, NOTHING);
    }

    /**
     * Rows of an input.
     *
     * @param slot which
     * @param place the first element
     * @param step distance of rows
     * @param stride distance of elements of a row
     * @param rows number of rows
     * @param length elements in a row
     * @param join how many rows to make one; a divisor of their number
     */
    Tile read(int slot, long place, long step, long stride, int rows, int length, int join) {
        Tile tile = tiles[slot];
        boolean same = copied[slot] == place && tile.rows * tile.length == rows * length;
        if (same) {
            return tile;
        }
        if (!showInPlace(slot, place, step, stride, rows, length, join)) {
            useScratch(slot, rows, length);
            plan.load(slot, place, step, stride, tile);
            copied[slot] = place;
        }
        tile.join(join);
        return tile;
    }

    /** Rows of the output, to be followed by {@link #written}; else as {@link #read}. */
    Tile toWrite(long place, long step, long stride, int rows, int length, int join) {
        outPlace = place;
        outStep = step;
        outStride = stride;
        outJoin = join;
        if (!showInPlace(Slot.OUT, place, step, stride, rows, length, join)) {
            useScratch(Slot.OUT, rows, length);
            copied[Slot.OUT] = place;
        }
        tiles[Slot.OUT].join(join);
        return tiles[Slot.OUT];
    }

    /** Brings the output to its place. */
    void written() {
        if (copied[Slot.OUT] != NOTHING) {
            Tile tile = tiles[Slot.OUT];
            tile.split(outJoin);
            plan.store(Slot.OUT, outPlace, outStep, outStride, tile);
        }
    }

    /** One of a few tiles that belong to no operand, of the shape of another tile. */
    Tile spare(int i, Tile like) {
        useScratch(OPERANDS + i, like.rows, like.length);
        return tiles[OPERANDS + i];
    }

    private boolean showInPlace(int slot, long place, long step, long stride, int rows, int length, int join) {
        copied[slot] = NOTHING;
        Tile tile = tiles[slot];
        tile.rows = rows;
        tile.length = length;
        boolean dense = (stride == 1 || length == 1) && (join == 1 || step == length);
        return dense && plan.show(slot, place, step, tile);
    }

    private void useScratch(int i, int rows, int length) {
        Tile tile = tiles[i];
        tile.rows = rows;
        tile.length = length;
        if (!scratch.memory(i).show(0, length, tile)) {
            throw new IllegalStateException("scratch memory is one window");
        }
    }
}
