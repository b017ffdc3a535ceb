package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;

/**
 * How {@link Rows} walks through a pass: a group is a number of <em>runs</em>, whose elements are at equal distances. It
 * is cut into <em>tiles</em>, of several runs or of a piece of one. Sums are formed in <em>segments</em>, of many tiles.
 */
final class RowGeometry {
    /** Elements whose sums are formed by one task. */
    private static final long SEGMENT = 16L * InnerLoops.CHUNK;

    /** Most groups of a batch. */
    static final int MAX_BATCH = 64;

    /** Shorter runs are copied one behind the other, if they do not lie so. */
    private static final int SHORT_RUN = 16;

    /** The axes from one tile to the next, but {@link #next}. */
    final Axis[] outer;

    /** The axis from one run to the next in a tile. */
    final Axis next;

    /** The axis along a run. */
    final Axis inner;

    /** The axis from one group to the next. */
    final Axis along;

    final long groups;
    final long groupSize;

    /** Tiles per run, runs per tile, and tiles along {@link #next}. */
    final long pieces;

    final int tileRuns;
    final long tilesAlongNext;

    /** Longest piece of a run. */
    final int pieceLength;

    final long tiles;
    final long segmentTiles;
    final int segments;

    /**
     * How many groups are summed and mapped together, as rows of a tile: several where all use the same arrays of
     * parameters.
     */
    private final int batch;

    /** Whether gamma and beta differ within a group; within a run of the inner axis; along every reduced axis. */
    final boolean varies;

    final boolean variesInRun;
    final boolean variesEverywhere;

    RowGeometry(Space space) {
        Axis[] reduced = space.reduced;
        int last = reduced.length - 1;
        this.inner = last < 0 ? Axis.NONE : reduced[last];
        this.next = last < 1 ? Axis.NONE : reduced[last - 1];
        this.outer = Arrays.copyOf(reduced, Math.max(0, last - 1));
        this.along = space.kept.length == 0 ? Axis.NONE : space.kept[space.kept.length - 1];
        this.groups = Cursor.count(space.kept);
        this.groupSize = Cursor.count(reduced);
        this.varies = Arrays.stream(reduced).anyMatch(Axis::isAffine);
        this.variesInRun = inner.isAffine();
        this.variesEverywhere = varies && Arrays.stream(reduced).allMatch(Axis::isAffine);
        this.pieceLength = (int) Math.min(inner.size, varies ? InnerLoops.CHUNK : InnerLoops.TILE);
        this.pieces = Blocks.ceilDiv(inner.size, pieceLength);
        this.tileRuns = varies || pieces > 1 ? 1 : fullFours(Math.min(next.size, InnerLoops.TILE / inner.size));
        this.tilesAlongNext = Blocks.ceilDiv(next.size, tileRuns);
        this.tiles = Cursor.count(outer) * tilesAlongNext * pieces;
        boolean together = variesInRun && tiles == 1 && !along.isAffine();
        this.batch = together ? (int) Math.max(1, Math.min(MAX_BATCH, InnerLoops.TILE / groupSize)) : 1;
        this.segmentTiles = Math.max(1, SEGMENT / ((long) tileRuns * pieceLength));
        this.segments = Math.toIntExact(Blocks.ceilDiv(tiles, segmentTiles));
    }

    /** The loops take four runs at a time. */
    private static int fullFours(long runs) {
        return (int) (runs < 4 ? runs : runs - runs % 4);
    }

    /** How many runs of a tile are to be made one. */
    int join(int runs) {
        return inner.size < SHORT_RUN && batch == 1 ? runs : 1;
    }

    /** Whether groups are rows of tiles of several groups. */
    boolean isBatched() {
        return batch > 1;
    }

    /** How many groups from one on, and before another, make the next batch. */
    int batch(long from, long to) {
        return (int) Math.min(batch, Math.min(to - from, along.size - from % along.size));
    }

    long firstTile(int segment) {
        return Math.min(tiles, segment * segmentTiles);
    }
}
