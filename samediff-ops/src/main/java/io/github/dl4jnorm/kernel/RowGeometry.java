package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * How {@link Rows} walks through a pass: a group is a number of <em>runs</em>, whose elements are at equal distances. Its
 * sums are formed in <em>segments</em>, of many <em>chunks</em> that are staged one at a time.
 */
final class RowGeometry {
    /** Elements whose sums are formed by one task. */
    static final long SEGMENT = 16L * InnerLoops.CHUNK;

    /** Runs that are worth a walk from one to the next. */
    private static final int LONG_RUN = 128;

    /** The axes from one run to the next. */
    final Axis[] outer;

    /** The axis along a run. */
    final Axis inner;

    final long groups;
    final long groupSize;
    final int segments;

    /** Whether gamma and beta differ within a group; within a run of the inner axis; along every reduced axis. */
    final boolean varies;

    final boolean variesInRun;
    final boolean variesEverywhere;

    /** Whether runs are long enough to move each in pieces, and need no parameters but those of the group. */
    final boolean mapsRuns;

    RowGeometry(Space space) {
        Axis[] reduced = space.reduced;
        int last = reduced.length - 1;
        this.outer = last < 0 ? reduced : Arrays.copyOf(reduced, last);
        this.inner = last < 0 ? new Axis(1, new long[Slot.COUNT]) : reduced[last];
        this.groups = Cursor.count(space.kept);
        this.groupSize = Cursor.count(reduced);
        this.segments = Math.toIntExact(Blocks.ceilDiv(groupSize, SEGMENT));
        this.varies = Arrays.stream(reduced).anyMatch(Axis::isAffine);
        this.variesInRun = inner.isAffine();
        this.variesEverywhere = varies && Arrays.stream(reduced).allMatch(Axis::isAffine);
        this.mapsRuns = !varies && inner.size >= LONG_RUN;
    }

    /** The element after a segment. */
    long end(int segment) {
        return Math.min(groupSize, (segment + 1) * SEGMENT);
    }

    /** Length of the chunk that begins at an element: within one run where parameters jump between runs. */
    int chunk(long from, long end) {
        long most = Math.min(InnerLoops.CHUNK, end - from);
        return (int) (varies && !variesEverywhere ? Math.min(most, inner.size - from % inner.size) : most);
    }
}
