package io.github.dl4jnorm.internal.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The loop nest for groups that lie side by side; see {@link ColumnGeometry}. If there are few lanes, several rows are
 * joined to one longer row, whose lanes are folded at the end.
 *
 * @param <A> type of arrays
 */
final class Columns<A> implements Runnable {
    /** Elements that stay in the L2 cache between the sums and the map. */
    private static final long CACHED = 64L * InnerLoops.CHUNK;

    private static final long MAX_PARAMETER_TASKS = 64;
    private static final long MAX_PARAMETERS = 4L * InnerLoops.CHUNK;

    /** How the slices are cut into tasks. */
    private enum Walk {
        /** Whole slices, a block of them per task. */
        BLOCKS,
        /** The segments of all slices, first their sums, then their map. */
        SEGMENTS,
        /**
         * Each row has a parameter of its own, and slices are few: sums first, then one task per segment, which maps
         * that segment of every slice and so has all contributions to its parameters.
         */
        PARAMETERS
    }

    private final Plan<A> plan;
    private final ColumnGeometry geometry;
    private final Workers workers;
    private final ThreadLocal<KernelThread<A>> thread;
    private final Walk walk;

    /** Slices per task, and number of tasks, where tasks do whole slices. */
    private final long block;

    private final int tasks;

    /** What each group contributes to the gradients of its one gamma and beta; null if not wanted, or if it has more. */
    private final @Nullable GroupSums groupSums;

    /** What each task contributes to the gradients of the parameters of rows, if that is wanted so. */
    private final ParameterSums<A>[] parts;

    /** The sums of each segment, and how to map each slice, where slices are cut into segments. */
    private final LaneSums[] sums;

    private final List<LaneMap<A>> maps = new ArrayList<>();

    private final WideGroups<A> wide;

    Columns(Plan<A> plan, Workers workers, ThreadLocal<KernelThread<A>> thread) {
        this.plan = plan;
        this.geometry =
                new ColumnGeometry(plan.space, thread.get().scratch.loops.columns());
        this.workers = workers;
        this.thread = thread;
        this.wide = new WideGroups<>(plan, workers);
        this.walk = walk();
        long least = Blocks.ceilDiv(Blocks.TASK, geometry.width * geometry.height);
        boolean wanted = plan.wantsParameterGradients();
        boolean ofTasks = wanted && geometry.varies && walk == Walk.BLOCKS;
        this.block = ofTasks ? Math.max(least, Blocks.ceilDiv(geometry.slices, MAX_PARAMETER_TASKS)) : least;
        this.tasks = Math.toIntExact(Blocks.ceilDiv(geometry.slices, block));
        this.groupSums = wanted && !geometry.varies ? new GroupSums(Cursor.count(plan.space.kept)) : null;
        this.parts = ParameterSums.newArray(ofTasks ? tasks : 0);
        int segmented = walk == Walk.BLOCKS ? 0 : Math.toIntExact(geometry.slices);
        this.sums = new LaneSums[segmented * geometry.segments];
        InnerLoops<A> loops = thread.get().scratch.loops;
        Arrays.setAll(parts, i -> new ParameterSums<>(plan.parameters(), loops));
        Arrays.setAll(sums, i -> new LaneSums(geometry.width));
        for (int slice = 0; slice < segmented; slice++) {
            maps.add(new LaneMap<>(() -> loops.allocate(geometry.width * geometry.copies)));
        }
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

    private Walk walk() {
        boolean byRow = geometry.varies && plan.wantsParameterGradients();
        boolean rowsHaveTheirOwn = Arrays.stream(plan.space.reduced).allMatch(Axis::isAffine)
                && Arrays.stream(geometry.outer).noneMatch(Axis::isAffine);
        long cells = geometry.width * geometry.height;
        if (byRow && rowsHaveTheirOwn && (geometry.slices < MAX_PARAMETER_TASKS || geometry.height > MAX_PARAMETERS)) {
            return Walk.PARAMETERS;
        }
        boolean large = cells > CACHED || geometry.slices < 4L * workers.threads();
        return !byRow && geometry.segments > 1 && large ? Walk.SEGMENTS : Walk.BLOCKS;
    }

    @Override
    public void run() {
        wide.clear();
        switch (walk) {
            case BLOCKS -> runBlocks();
            case SEGMENTS -> runSegments();
            case PARAMETERS -> runByParameters();
        }
        if (parts.length > 0) {
            ParameterSums<A> total = ParameterSums.total(parts);
            wide.check(total);
            plan.store(total, thread.get().scratch);
        }
        wide.run(groupSums, thread.get().scratch);
        if (groupSums != null) {
            groupSums.storeGradients(plan, thread.get().scratch);
        }
    }

    private void runBlocks() {
        workers.run(tasks, () -> {
            ColumnTask<A> column = start();
            return task -> {
                if (parts.length > 0) {
                    parts[task].clear();
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
    }

    private void runSegments() {
        reduceSegments();
        workers.run(sums.length, () -> {
            ColumnTask<A> column = start();
            return task -> {
                seek(column, task / geometry.segments);
                column.map(
                        task % geometry.segments * geometry.segmentRows,
                        geometry.end(task % geometry.segments),
                        maps.get(task / geometry.segments));
            };
        });
    }

    private void runByParameters() {
        reduceSegments();
        workers.run(geometry.segments, () -> {
            ColumnTask<A> column = start();
            return s -> {
                long from = s * geometry.segmentRows;
                ParameterSums<A> mine = new ParameterSums<>(geometry.end(s) - from, column.loops);
                column.collectWhileMapping(mine, from);
                for (int slice = 0; slice < geometry.slices; slice++) {
                    seek(column, slice);
                    column.map(from, geometry.end(s), maps.get(slice));
                }
                wide.check(mine);
                column.storeParameters(from, geometry.end(s), mine);
            };
        });
    }

    /** Sums every slice, stores its statistics, and says how to map it. */
    private void reduceSegments() {
        workers.run(sums.length, () -> {
            ColumnTask<A> column = start();
            return task -> {
                seek(column, task / geometry.segments);
                int s = task % geometry.segments;
                column.reduce(s * geometry.segmentRows, geometry.end(s), sums[task]);
            };
        });
        workers.run(maps.size(), () -> {
            ColumnTask<A> column = start();
            return slice -> {
                seek(column, slice);
                LaneSums sum = sums[slice * geometry.segments];
                for (int s = 1; s < geometry.segments; s++) {
                    sum.merge(sums[slice * geometry.segments + s], column.width(), plan.pass.reduction());
                }
                column.finish(sum, maps.get(slice), groupSums, groupsBefore(slice));
            };
        });
    }

    private ColumnTask<A> start() {
        return thread.get().columns().start(plan, geometry, wide);
    }

    private void seek(ColumnTask<A> column, long slice) {
        long first = slice % geometry.slicesPerBand * geometry.width;
        column.seek(slice / geometry.slicesPerBand, first, (int) Math.min(geometry.width, geometry.lanes.size - first));
    }

    private long groupsBefore(long slice) {
        return slice / geometry.slicesPerBand * geometry.lanes.size + slice % geometry.slicesPerBand * geometry.width;
    }
}
