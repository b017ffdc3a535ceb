package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;

/**
 * How {@link Columns} walks through a pass: neighbours in memory belong to different groups, the <em>lanes</em>, and
 * stepping over all lanes leads to the next <em>row</em>. Lanes are cut into <em>slices</em>, rows into <em>segments</em>
 * for sums, and these into <em>tiles</em>.
 */
final class ColumnGeometry {
    /** Widest slice. */
    static final int WIDTH = 2048;

    /** The longest SIMD registers: lanes and joined rows come in multiples of it if possible. */
    private static final int LANE_MULTIPLE = 16;

    /** Narrowest slice that lanes are cut to, so that slices are short enough to stay in the cache. */
    private static final int CUT_WIDTH = 64;

    /** Elements of a slice that stay in the L2 cache between the sums and the map. */
    private static final long CACHED = 16L * InnerLoops.CHUNK;

    /** Elements of an array that is in the cache as a whole. */
    private static final long CACHED_ARRAY = 64L * InnerLoops.CHUNK;

    private static final int STREAMS = 8;

    /** Elements whose sums are formed by one task, if the lanes are not too long. */
    private static final long SEGMENT = 16L * InnerLoops.CHUNK;

    private static final long MAX_SEGMENTS = 64;

    final Axis lanes;

    /** The axis from one row to the next in a tile, and the other reduced ones. */
    final Axis next;

    final Axis[] outerReduced;

    /** The kept axes but the lanes. */
    final Axis[] outer;

    /** Number of rows. */
    final long height;

    /** Lanes of a slice, but for the last one of a band. */
    final int width;

    /** Slices per index of the outer axes. */
    final long slicesPerBand;

    final long slices;

    /** How many rows of the array are joined to one row of a tile. */
    final int copies;

    final int tileRows;
    final long segmentRows;
    final int segments;

    /** Whether gamma and beta differ from row to row, and then not from lane to lane. */
    final boolean varies;

    /**
     * @param space the axes
     * @param columns how many columns of a tile the loops work on best, made of several rows of the array if need be
     */
    ColumnGeometry(Space space, int columns) {
        Axis[] kept = space.kept;
        Axis[] reduced = space.reduced;
        this.lanes = kept[kept.length - 1];
        this.outer = Arrays.copyOf(kept, kept.length - 1);
        this.next = reduced.length == 0 ? Axis.NONE : reduced[reduced.length - 1];
        this.outerReduced = Arrays.copyOf(reduced, Math.max(0, reduced.length - 1));
        this.height = Cursor.count(reduced);
        this.varies = Arrays.stream(reduced).anyMatch(Axis::isAffine);
        this.width = width(lanes.size, height);
        this.slicesPerBand = Blocks.ceilDiv(lanes.size, width);
        this.slices = Cursor.count(outer) * slicesPerBand;
        this.copies = varies || slicesPerBand > 1 ? 1 : copies(width, columns, next.size);
        this.tileRows = Math.max(1, Math.min(InnerLoops.TILE / (width * copies), mostRows(space, columns))) * copies;
        long rows = Math.max(Blocks.ceilDiv(SEGMENT, width), Blocks.ceilDiv(height, MAX_SEGMENTS));
        this.segmentRows = Blocks.roundUp(rows, tileRows);
        this.segments = Math.toIntExact(Blocks.ceilDiv(height, segmentRows));
    }

    private static int width(long lanes, long height) {
        long widest = height * CUT_WIDTH <= CACHED ? Math.min(WIDTH, CACHED / height) : WIDTH;
        if (lanes <= widest) {
            return (int) lanes;
        }
        return (int) Blocks.roundUp(Blocks.ceilDiv(lanes, Blocks.ceilDiv(lanes, widest)), LANE_MULTIPLE);
    }

    /**
     * Wide rows of arrays that come from memory are walked a few at a time, each a stream that the processor fetches ahead
     * of; in the cache there is no need for that.
     */
    private int mostRows(Space space, int columns) {
        boolean large = Cursor.count(space.kept) * height > CACHED_ARRAY;
        return large && width * copies > columns ? STREAMS : InnerLoops.TILE;
    }

    private static int copies(int width, int columns, long rows) {
        int most = columns / width;
        int multiple = LANE_MULTIPLE / Math.min(LANE_MULTIPLE, Integer.lowestOneBit(width));
        return (int) Math.max(1, Math.min(most < multiple ? most : most - most % multiple, rows));
    }

    /** The row after a segment. */
    long end(int segment) {
        return Math.min(height, (segment + 1) * segmentRows);
    }
}
