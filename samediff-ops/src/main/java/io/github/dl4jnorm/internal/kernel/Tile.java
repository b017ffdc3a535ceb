package io.github.dl4jnorm.internal.kernel;

import java.nio.Buffer;

/**
 * A rectangle of numbers in memory: rows of neighbours, at equal distances. Distances and places count elements. All
 * tiles of one call of {@link InnerLoops} have the same number of rows and the same length.
 */
final class Tile {
    /** The numbers, as a buffer of their type. */
    Buffer numbers;

    /** The same memory as the Vector API takes it, see {@link Window}. */
    Object raw;

    /** Where the first row begins. */
    int at;

    /** Distance from the beginning of one row to that of the next. */
    int step;

    int rows;

    /** Numbers in a row. */
    int length;

    /** Where a row begins. */
    int row(int row) {
        return at + row * step;
    }

    int size() {
        return rows * length;
    }

    /** Makes this one row of another tile. */
    Tile rowOf(Tile tile, int row) {
        numbers = tile.numbers;
        raw = tile.raw;
        at = tile.row(row);
        step = tile.length;
        rows = 1;
        length = tile.length;
        return this;
    }

    /** Makes k rows one, of rows that follow each other without a gap. */
    void join(int k) {
        if (k > 1) {
            rows /= k;
            length *= k;
            step = length;
        }
    }

    /** Undoes {@link #join}. */
    void split(int k) {
        if (k > 1) {
            rows *= k;
            length /= k;
            step = length;
        }
    }
}
