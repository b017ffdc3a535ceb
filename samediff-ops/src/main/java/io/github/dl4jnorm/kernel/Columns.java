package io.github.dl4jnorm.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The loop nest for groups that lie side by side: neighbours in memory belong to different groups, the <em>lanes</em>,
 * and one walks through a group by stepping over all lanes.
 *
 * <p>Lanes are cut into slices that fit the staging arrays. A slice is staged in tiles of a few rows, and the sums of
 * its lanes are formed in segments of many rows. If there are few lanes, several rows are staged behind each other as
 * one longer row, whose lanes are folded at the end.
 *
 * @param <A> type of staging array
 */
final class Columns<A> {
    /** Longest row of a tile: a shorter one would leave the prefetcher of the processor behind too often. */
    static final int WIDTH = 2048;

    /** Most rows of a tile. */
    static final int MOST_ROWS = 16;

    private static final int FEWEST_ROWS = 4;

    /** How long rows should be at least, made of several rows of the array if need be. */
    private static final int STAGED_WIDTH = 512;

    /** Elements whose sums are formed by one task, if the lanes are not too long. */
    private static final long SEGMENT = 16L * InnerLoops.CHUNK;

    private static final long MOST_SEGMENTS = 64;

    /** Elements that are worth a task. */
    private static final long TASK = 8L * InnerLoops.CHUNK;

    /** Elements that stay in the L2 cache between the sums and the map. */
    private static final long CACHED = 64L * InnerLoops.CHUNK;

    private static final long MOST_PARAMETER_TASKS = 64;
    private static final long MOST_PARAMETERS = 4L * InnerLoops.CHUNK;

    final Plan<A> plan;
    final Axis lanes;
    final long height;
    final boolean moments;

    /** Whether gamma and beta differ from row to row, and then not from lane to lane. */
    final boolean varies;

    private final Workers workers;
    private final ThreadLocal<Scratch<A>> scratch;
    final Axis[] outer;
    private final int width;
    private final long slicesPerBand;
    private final long slices;
    final int copies;
    private final long segmentRows;
    private final int segments;
    private final Set<Long> leftToRows = ConcurrentHashMap.newKeySet();

    Columns(Plan<A> plan, Workers workers, ThreadLocal<Scratch<A>> scratch) {
        this.plan = plan;
        this.workers = workers;
        this.scratch = scratch;
        Axis[] kept = plan.space.kept;
        this.lanes = kept[kept.length - 1];
        this.outer = Arrays.copyOf(kept, kept.length - 1);
        this.height = Cursor.count(plan.space.reduced);
        this.varies = Arrays.stream(plan.space.reduced).anyMatch(Rows::isAffine);
        this.moments = plan.pass.reduction() == Reduction.MOMENTS;

        this.slicesPerBand = Rows.ceilDiv(lanes.size, WIDTH);
        this.width = (int) (slicesPerBand == 1 ? lanes.size : roundUp(Rows.ceilDiv(lanes.size, slicesPerBand), 16));
        this.slices = Cursor.count(outer) * slicesPerBand;
        this.copies = varies || slicesPerBand > 1 ? 1 : (int) Math.max(1, Math.min(STAGED_WIDTH / width, height));
        long rows = Math.max(Rows.ceilDiv(SEGMENT, width), Rows.ceilDiv(height, MOST_SEGMENTS));
        this.segmentRows = roundUp(rows, tileRows());
        this.segments = Math.toIntExact(Rows.ceilDiv(height, segmentRows));
    }

    /** Whether neighbours in memory are lanes, and gamma and beta do not differ both by lane and by row. */
    static boolean suits(Plan<?> plan) {
        Axis[] kept = plan.space.kept;
        Axis[] reduced = plan.space.reduced;
        if (kept.length == 0) {
            return false;
        }
        Axis lanes = kept[kept.length - 1];
        if (Rows.isAffine(lanes) && Arrays.stream(reduced).anyMatch(Rows::isAffine)) {
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

    private static long roundUp(long value, long multiple) {
        return Rows.ceilDiv(value, multiple) * multiple;
    }

    /** Rows of the array in a tile. */
    int tileRows() {
        int rows = InnerLoops.CHUNK / (width * copies);
        return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, rows)) * copies;
    }

    /** Rows of the array that are moved at a time between memory and staging arrays where there is a choice. */
    int mapRows() {
        return Math.min(tileRows(), Math.max(1, Rows.PIECE / (width * copies)) * copies);
    }

    /** Whether the next row of an operand begins where one of this width ends. */
    boolean rowsFollow(int slot, int rowWidth) {
        Axis[] reduced = plan.space.reduced;
        return reduced.length == 1 && lanes.strides[slot] == 1 && reduced[0].strides[slot] == rowWidth;
    }

    /** Notes a group that left the range of float, or was infinite or NaN before: {@link Rows} takes more care. */
    void leaveToRows(long group) {
        leftToRows.add(group);
    }

    private void redoByRows(GroupSums groupSums) {
        if (!leftToRows.isEmpty()) {
            long[] groups = leftToRows.stream().mapToLong(g -> g).sorted().toArray();
            new Rows<>(plan, workers, scratch).redo(groups, groupSums);
        }
    }

    void run() {
        boolean byRow = varies && plan.wantsParameterGradients();
        boolean rowsHaveTheirOwn = Arrays.stream(plan.space.reduced).allMatch(Rows::isAffine)
                && Arrays.stream(outer).noneMatch(Rows::isAffine);
        long cells = width * height;
        if (byRow && rowsHaveTheirOwn && (slices < MOST_PARAMETER_TASKS || height > MOST_PARAMETERS)) {
            runByParameters();
        } else if (byRow) {
            runBlocks(Math.max(Rows.ceilDiv(TASK, cells), Rows.ceilDiv(slices, MOST_PARAMETER_TASKS)));
        } else if (segments > 1 && (cells > CACHED || slices < 4L * workers.threads())) {
            runSegments();
        } else {
            runBlocks(Rows.ceilDiv(TASK, cells));
        }
    }

    /** Whole slices, a block of them per task. */
    private void runBlocks(long block) {
        int tasks = Math.toIntExact(Rows.ceilDiv(slices, block));
        boolean wanted = plan.wantsParameterGradients();
        GroupSums groupSums = newGroupSums();
        ParameterSums<A>[] parts = wanted && varies ? Rows.newParts(tasks) : null;
        workers.run(tasks, () -> {
            ColumnTask<A> column = newTask();
            return task -> {
                if (parts != null) {
                    parts[task] = new ParameterSums<>(plan.parameters(), column.loops);
                    column.collectWhileReducing(parts[task]);
                }
                long end = Math.min(slices, (task + 1L) * block);
                for (long slice = task * block; slice < end; slice++) {
                    seek(column, slice);
                    column.sums.clear(column.width());
                    for (int s = 0; s < segments; s++) {
                        column.reduce(s * segmentRows, end(s), column.segmentSums);
                        column.sums.merge(column.segmentSums, column.width(), moments);
                    }
                    column.finish(column.sums, column.map, groupSums, groupsBefore(slice));
                    for (int s = 0; s < segments; s++) {
                        column.map(s * segmentRows, end(s), column.map);
                    }
                }
            };
        });
        redoByRows(groupSums);
        if (parts != null) {
            for (int task = 1; task < tasks; task++) {
                parts[0].add(parts[task]);
            }
            plan.store(parts[0], scratch.get().loops);
        } else if (groupSums != null) {
            groupSums.storeGradients(plan, scratch.get().loops);
        }
    }

    /** The segments of all slices, first their sums, then their map. */
    private void runSegments() {
        GroupSums groupSums = newGroupSums();
        List<LaneMap<A>> maps = reduceSegments(groupSums);
        workers.run(Math.toIntExact(slices * segments), () -> {
            ColumnTask<A> column = newTask();
            return task -> {
                seek(column, task / segments);
                column.map(task % segments * segmentRows, end(task % segments), maps.get(task / segments));
            };
        });
        redoByRows(groupSums);
        if (groupSums != null) {
            groupSums.storeGradients(plan, scratch.get().loops);
        }
    }

    /**
     * Each row has a parameter of its own, and slices are few: sums first, then one task per segment, which maps that
     * segment of every slice and so has all contributions to its parameters.
     */
    private void runByParameters() {
        List<LaneMap<A>> maps = reduceSegments(null);
        workers.run(segments, () -> {
            ColumnTask<A> column = newTask();
            return s -> {
                long from = s * segmentRows;
                ParameterSums<A> mine = new ParameterSums<>(end(s) - from, column.loops);
                column.collectWhileMapping(mine, from);
                for (int slice = 0; slice < slices; slice++) {
                    seek(column, slice);
                    column.map(from, end(s), maps.get(slice));
                }
                column.storeParameters(from, end(s), mine);
            };
        });
        redoByRows(null);
    }

    /** Sums every slice, stores its statistics, and says how to map it. */
    private List<LaneMap<A>> reduceSegments(GroupSums groupSums) {
        LaneSums[] parts = new LaneSums[Math.toIntExact(slices * segments)];
        workers.run(parts.length, () -> {
            ColumnTask<A> column = newTask();
            return task -> {
                seek(column, task / segments);
                parts[task] = new LaneSums(column.width());
                column.reduce(task % segments * segmentRows, end(task % segments), parts[task]);
            };
        });
        List<LaneMap<A>> maps = new ArrayList<>(Collections.nCopies(parts.length / segments, null));
        workers.run(maps.size(), () -> {
            ColumnTask<A> column = newTask();
            return slice -> {
                seek(column, slice);
                LaneSums sum = parts[slice * segments];
                for (int s = 1; s < segments; s++) {
                    sum.merge(parts[slice * segments + s], column.width(), moments);
                }
                LaneMap<A> map = new LaneMap<>(column.loops, column.width() * copies);
                column.finish(sum, map, groupSums, groupsBefore(slice));
                maps.set(slice, map);
            };
        });
        return maps;
    }

    private GroupSums newGroupSums() {
        return plan.wantsParameterGradients() && !varies ? new GroupSums(Cursor.count(plan.space.kept)) : null;
    }

    private ColumnTask<A> newTask() {
        return new ColumnTask<>(this, scratch.get());
    }

    private void seek(ColumnTask<A> column, long slice) {
        long first = slice % slicesPerBand * width;
        column.seek(slice / slicesPerBand, first, (int) Math.min(width, lanes.size - first));
    }

    private long groupsBefore(long slice) {
        return slice / slicesPerBand * lanes.size + slice % slicesPerBand * width;
    }

    /** The row after a segment. */
    private long end(int segment) {
        return Math.min(height, (segment + 1) * segmentRows);
    }
}
