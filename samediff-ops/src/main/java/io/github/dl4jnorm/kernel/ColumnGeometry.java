package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * How {@link Columns} walks through a pass: neighbours in memory belong to different groups, the <em>lanes</em>, and
 * stepping over all lanes leads to the next <em>row</em>. Lanes are cut into <em>slices</em>, rows into <em>segments</em>
 * for sums, and a <em>tile</em> of a few rows of a slice is staged at a time.
 */
final class ColumnGeometry {
    /** Longest row of a tile: a shorter one would leave the prefetcher of the processor behind too often. */
    static final int WIDTH = 2048;

    static final int MAX_TILE_ROWS = 16;
    private static final int MIN_TILE_ROWS = 4;

    /** How long rows should be at least, made of several rows of the array if need be. */
    private static final int STAGED_WIDTH = 512;

    /** Elements whose sums are formed by one task, if the lanes are not too long. */
    private static final long SEGMENT = 16L * InnerLoops.CHUNK;

    private static final long MAX_SEGMENTS = 64;

    /** Lanes are cut at multiples of the longest SIMD registers. */
    private static final int LANE_MULTIPLE = 16;

    final Axis lanes;
    final Axis[] reduced;

    /** The kept axes but the lanes. */
    final Axis[] outer;

    /** Number of rows. */
    final long height;

    /** Lanes of a slice, but for the last one of a band. */
    final int width;

    /** Slices per index of the outer axes. */
    final long slicesPerBand;

    final long slices;

    /** How many rows of the array are staged behind each other as one row of a tile. */
    final int copies;

    final long segmentRows;
    final int segments;

    /** Whether gamma and beta differ from row to row, and then not from lane to lane. */
    final boolean varies;

    ColumnGeometry(Space space) {
        Axis[] kept = space.kept;
        this.reduced = space.reduced;
        this.lanes = kept[kept.length - 1];
        this.outer = Arrays.copyOf(kept, kept.length - 1);
        this.height = Cursor.count(reduced);
        this.varies = Arrays.stream(reduced).anyMatch(Axis::isAffine);
        this.slicesPerBand = Blocks.ceilDiv(lanes.size, WIDTH);
        this.width = (int)
                (slicesPerBand == 1
                        ? lanes.size
                        : Blocks.roundUp(Blocks.ceilDiv(lanes.size, slicesPerBand), LANE_MULTIPLE));
        this.slices = Cursor.count(outer) * slicesPerBand;
        this.copies = varies || slicesPerBand > 1 ? 1 : (int) Math.max(1, Math.min(STAGED_WIDTH / width, height));
        long rows = Math.max(Blocks.ceilDiv(SEGMENT, width), Blocks.ceilDiv(height, MAX_SEGMENTS));
        this.segmentRows = Blocks.roundUp(rows, tileRows());
        this.segments = Math.toIntExact(Blocks.ceilDiv(height, segmentRows));
    }

    /** Whether neighbours in memory are lanes, and gamma and beta do not differ both by lane and by row. */
    static boolean suits(Plan<?> plan) {
        Axis[] kept = plan.space.kept;
        Axis[] reduced = plan.space.reduced;
        if (kept.length == 0) {
            return false;
        }
        Axis lanes = kept[kept.length - 1];
        if (lanes.isAffine() && Arrays.stream(reduced).anyMatch(Axis::isAffine)) {
            return false;
        }
        return reduced.length == 0 || neighbours(lanes, plan) > neighbours(reduced[reduced.length - 1], plan);
    }

    /** How many of the large operands have neighbours along an axis. */
    private static int neighbours(Axis axis, Plan<?> plan) {
        int count = 0;
        for (int slot = Slot.IN; slot <= Slot.OUT; slot++) {
            if (plan.has(slot) && axis.strides[slot] == 1) {
                count += 2;
            }
        }
        return count + (axis.strides[Slot.IN] == 1 ? 1 : 0);
    }

    /** Rows of the array in a tile. */
    int tileRows() {
        int rows = InnerLoops.CHUNK / (width * copies);
        return Math.min(MAX_TILE_ROWS, Math.max(MIN_TILE_ROWS, rows)) * copies;
    }

    /** Rows of the array that are moved at a time between memory and staging arrays where there is a choice. */
    int mapRows() {
        return Math.min(tileRows(), Math.max(1, Blocks.PIECE / (width * copies)) * copies);
    }

    /** Whether the next row of an operand begins where one of this width ends. */
    boolean isContiguous(int slot, int rowWidth) {
        return reduced.length == 1 && lanes.strides[slot] == 1 && reduced[0].strides[slot] == rowWidth;
    }

    /** The row after a segment. */
    long end(int segment) {
        return Math.min(height, (segment + 1) * segmentRows);
    }
}
