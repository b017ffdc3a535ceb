package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.InnerLoops.CHUNK;

import java.nio.FloatBuffer;

/** Copies pieces of tiles to arrays of {@link InnerLoops#CHUNK} elements, and back. */
final class ScalarFloatPieces {
    /** Shorter rows are copied element by element: that takes less time than a call of a bulk method. */
    private static final int SHORT = 16;

    private ScalarFloatPieces() {}

    static FloatBuffer numbers(Tile tile) {
        return (FloatBuffer) tile.numbers;
    }

    /**
     * Copies a piece of a tile into an array: as many whole rows as fit, or a part of a longer row.
     *
     * @return the length of the piece, the same for all tiles of a call
     */
    static int load(Tile tile, int from, float[] to) {
        int length = tile.length;
        int n = length > CHUNK
                ? Math.min(CHUNK, length - from % length)
                : Math.min(CHUNK / length * length, tile.size() - from);
        int part = part(tile, n);
        int at = place(tile, from);
        for (int done = 0; done < n; done += part) {
            read(tile, at, part, to, done);
            at += tile.step;
        }
        return n;
    }

    /** Copies a piece of a tile from an array. */
    static void store(float[] from, int n, Tile tile, int to) {
        int part = part(tile, n);
        int at = place(tile, to);
        for (int done = 0; done < n; done += part) {
            write(from, done, part, tile, at);
            at += tile.step;
        }
    }

    /** How many elements of a piece of a tile are neighbours. */
    private static int part(Tile tile, int n) {
        return tile.step == tile.length ? n : Math.min(n, tile.length);
    }

    private static int place(Tile tile, int element) {
        return tile.row(element / tile.length) + element % tile.length;
    }

    static void loadRow(Tile tile, int row, float[] to) {
        read(tile, tile.row(row), tile.length, to, 0);
    }

    static void storeRow(float[] from, Tile tile, int row) {
        write(from, 0, tile.length, tile, tile.row(row));
    }

    private static void read(Tile tile, int at, int n, float[] to, int begin) {
        FloatBuffer numbers = numbers(tile);
        if (n < SHORT) {
            for (int j = 0; j < n; j++) {
                to[begin + j] = numbers.get(at + j);
            }
        } else {
            numbers.get(at, to, begin, n);
        }
    }

    private static void write(float[] from, int begin, int n, Tile tile, int at) {
        FloatBuffer numbers = numbers(tile);
        if (n < SHORT) {
            for (int j = 0; j < n; j++) {
                numbers.put(at + j, from[begin + j]);
            }
        } else {
            numbers.put(at, from, begin, n);
        }
    }
}
