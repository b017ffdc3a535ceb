package io.github.dl4jnorm.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The loop nest for groups that lie side by side; see {@link ColumnGeometry}. If there are few lanes, several rows are
 * staged behind each other as one longer row, whose lanes are folded at the end.
 *
 * @param <A> type of staging array
 */
final class Columns<A> {
    /** Elements that stay in the L2 cache between the sums and the map. */
    private static final long CACHED = 64L * InnerLoops.CHUNK;

    private static final long MAX_PARAMETER_TASKS = 64;
    private static final long MAX_PARAMETERS = 4L * InnerLoops.CHUNK;

    private final Plan<A> plan;
    private final ColumnGeometry geometry;
    private final Workers workers;
    private final ThreadLocal<Scratch<A>> scratch;

    /** Groups whose sums left the range of float: {@link Rows} forms them in double. */
    private final Set<Long> needWideSums = ConcurrentHashMap.newKeySet();

    Columns(Plan<A> plan, Workers workers, ThreadLocal<Scratch<A>> scratch) {
        this.plan = plan;
        this.geometry = new ColumnGeometry(plan.space);
        this.workers = workers;
        this.scratch = scratch;
    }

    private void redoInDouble(GroupSums groupSums) {
        if (!needWideSums.isEmpty()) {
            long[] groups = needWideSums.stream().mapToLong(g -> g).sorted().toArray();
            new Rows<>(plan, workers, scratch).redo(groups, groupSums);
        }
    }

    void run() {
        boolean byRow = geometry.varies && plan.wantsParameterGradients();
        boolean rowsHaveTheirOwn = Arrays.stream(plan.space.reduced).allMatch(Axis::isAffine)
                && Arrays.stream(geometry.outer).noneMatch(Axis::isAffine);
        long cells = geometry.width * geometry.height;
        if (byRow && rowsHaveTheirOwn && (geometry.slices < MAX_PARAMETER_TASKS || geometry.height > MAX_PARAMETERS)) {
            runByParameters();
        } else if (byRow) {
            runBlocks(
                    Math.max(Blocks.ceilDiv(Blocks.TASK, cells), Blocks.ceilDiv(geometry.slices, MAX_PARAMETER_TASKS)));
        } else if (geometry.segments > 1 && (cells > CACHED || geometry.slices < 4L * workers.threads())) {
            runSegments();
        } else {
            runBlocks(Blocks.ceilDiv(Blocks.TASK, cells));
        }
    }

    /** Whole slices, a block of them per task. */
    private void runBlocks(long block) {
        int tasks = Math.toIntExact(Blocks.ceilDiv(geometry.slices, block));
        boolean wanted = plan.wantsParameterGradients();
        GroupSums groupSums = newGroupSums();
        ParameterSums<A>[] parts = wanted && geometry.varies ? ParameterSums.newArray(tasks) : null;
        workers.run(tasks, () -> {
            ColumnTask<A> column = newTask();
            return task -> {
                if (parts != null) {
                    parts[task] = new ParameterSums<>(plan.parameters(), column.loops);
                    column.collectWhileReducing(parts[task]);
                }
                long end = Math.min(geometry.slices, (task + 1L) * block);
                for (long slice = task * block; slice < end; slice++) {
                    seek(column, slice);
                    column.sums.clear(column.width());
                    for (int s = 0; s < geometry.segments; s++) {
                        column.reduce(s * geometry.segmentRows, geometry.end(s), column.segmentSums);
                        column.sums.merge(column.segmentSums, column.width(), plan.pass.reduction());
                    }
                    column.finish(column.sums, column.map, groupSums, groupsBefore(slice));
                    for (int s = 0; s < geometry.segments; s++) {
                        column.map(s * geometry.segmentRows, geometry.end(s), column.map);
                    }
                }
            };
        });
        redoInDouble(groupSums);
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
        workers.run(Math.toIntExact(geometry.slices * geometry.segments), () -> {
            ColumnTask<A> column = newTask();
            return task -> {
                seek(column, task / geometry.segments);
                column.map(
                        task % geometry.segments * geometry.segmentRows,
                        geometry.end(task % geometry.segments),
                        maps.get(task / geometry.segments));
            };
        });
        redoInDouble(groupSums);
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
        workers.run(geometry.segments, () -> {
            ColumnTask<A> column = newTask();
            return s -> {
                long from = s * geometry.segmentRows;
                ParameterSums<A> mine = new ParameterSums<>(geometry.end(s) - from, column.loops);
                column.collectWhileMapping(mine, from);
                for (int slice = 0; slice < geometry.slices; slice++) {
                    seek(column, slice);
                    column.map(from, geometry.end(s), maps.get(slice));
                }
                column.storeParameters(from, geometry.end(s), mine);
            };
        });
        redoInDouble(null);
    }

    /** Sums every slice, stores its statistics, and says how to map it. */
    private List<LaneMap<A>> reduceSegments(GroupSums groupSums) {
        LaneSums[] parts = new LaneSums[Math.toIntExact(geometry.slices * geometry.segments)];
        workers.run(parts.length, () -> {
            ColumnTask<A> column = newTask();
            return task -> {
                seek(column, task / geometry.segments);
                parts[task] = new LaneSums(column.width());
                column.reduce(
                        task % geometry.segments * geometry.segmentRows,
                        geometry.end(task % geometry.segments),
                        parts[task]);
            };
        });
        List<LaneMap<A>> maps = new ArrayList<>(Collections.nCopies(parts.length / geometry.segments, null));
        workers.run(maps.size(), () -> {
            ColumnTask<A> column = newTask();
            return slice -> {
                seek(column, slice);
                LaneSums sum = parts[slice * geometry.segments];
                for (int s = 1; s < geometry.segments; s++) {
                    sum.merge(parts[slice * geometry.segments + s], column.width(), plan.pass.reduction());
                }
                LaneMap<A> map = new LaneMap<>(column.loops, column.width() * geometry.copies);
                column.finish(sum, map, groupSums, groupsBefore(slice));
                maps.set(slice, map);
            };
        });
        return maps;
    }

    private GroupSums newGroupSums() {
        return plan.wantsParameterGradients() && !geometry.varies ? new GroupSums(Cursor.count(plan.space.kept)) : null;
    }

    private ColumnTask<A> newTask() {
        return new ColumnTask<>(plan, geometry, scratch.get(), needWideSums::add);
    }

    private void seek(ColumnTask<A> column, long slice) {
        long first = slice % geometry.slicesPerBand * geometry.width;
        column.seek(slice / geometry.slicesPerBand, first, (int) Math.min(geometry.width, geometry.lanes.size - first));
    }

    private long groupsBefore(long slice) {
        return slice / geometry.slicesPerBand * geometry.lanes.size + slice % geometry.slicesPerBand * geometry.width;
    }
}
