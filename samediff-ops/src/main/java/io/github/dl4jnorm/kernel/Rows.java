package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * The loop nest for groups whose elements lie next to each other, group after group. As it can step over any strides,
 * it is also the nest for everything that {@link Columns} does not take.
 *
 * <p>A group is staged in chunks, and its sums are formed in segments of many chunks. A group of one chunk stays in the
 * staging array between its sums and its map; a group that fits the L2 cache is read from there the second time.
 *
 * @param <A> type of staging array
 */
final class Rows<A> {
    /** So many parameters that tasks do not keep sums of all of them. */
    private static final long MANY_PARAMETERS = 4L * InnerLoops.CHUNK;

    /** Most tasks that keep sums of parameters of their own. */
    private static final long MAX_PARAMETER_TASKS = 32;

    /** Groups that are worth such a task. */
    private static final long PARAMETER_GROUPS = 32;

    private final Plan<A> plan;
    private final RowGeometry geometry;
    private final Workers workers;
    private final ThreadLocal<Scratch<A>> scratch;

    Rows(Plan<A> plan, Workers workers, ThreadLocal<Scratch<A>> scratch) {
        this.plan = plan;
        this.geometry = new RowGeometry(plan.space);
        this.workers = workers;
        this.scratch = scratch;
    }

    void run() {
        boolean wanted = plan.wantsParameterGradients();
        boolean keptIsPlain = Arrays.stream(plan.space.kept).noneMatch(Axis::isAffine);
        if (wanted && geometry.variesEverywhere && keptIsPlain && geometry.groupSize > MANY_PARAMETERS) {
            runByParameters();
        } else if (geometry.varies && wanted) {
            long fewTasks = Math.max(Blocks.ceilDiv(geometry.groups, MAX_PARAMETER_TASKS), PARAMETER_GROUPS);
            runBlocks(Math.max(Blocks.ceilDiv(Blocks.TASK, geometry.groupSize), fewTasks));
        } else if (geometry.segments > 1 && geometry.groups < 4L * workers.threads()) {
            runSegments();
        } else {
            runBlocks(Blocks.ceilDiv(Blocks.TASK, geometry.groupSize));
        }
    }

    private RowTask<A> newTask() {
        return new RowTask<>(plan, geometry, scratch.get());
    }

    /** Whole groups, a block of them per task. */
    private void runBlocks(long block) {
        int tasks = Math.toIntExact(Blocks.ceilDiv(geometry.groups, block));
        boolean wanted = plan.wantsParameterGradients();
        GroupSums groupSums = wanted && !geometry.varies ? new GroupSums(geometry.groups) : null;
        ParameterSums<A>[] parts = wanted && geometry.varies ? ParameterSums.newArray(tasks) : null;
        workers.run(tasks, () -> {
            RowTask<A> row = newTask();
            return task -> {
                if (parts != null) {
                    row.parameters = parts[task] = new ParameterSums<>(plan.parameters(), row.loops);
                }
                long end = Math.min(geometry.groups, (task + 1L) * block);
                row.seek(task * block);
                for (long g = task * block; g < end; g++) {
                    runGroup(row, g, groupSums);
                    row.nextGroup();
                }
                if (parts != null) {
                    parts[task].flush();
                }
            };
        });
        if (parts != null) {
            for (int task = 1; task < tasks; task++) {
                parts[0].add(parts[task]);
            }
            plan.store(parts[0], scratch.get().loops);
        } else if (groupSums != null) {
            groupSums.storeGradients(plan, scratch.get().loops);
        }
    }

    /** All of the group that the task is at. */
    private void runGroup(RowTask<A> row, long g, GroupSums groupSums) {
        reduceGroup(row);
        if (groupSums != null) {
            groupSums.set(g, row.sums, row.statistics);
        }
        row.finish(row.sums, row.map);
        for (int s = 0; s < geometry.segments; s++) {
            row.map(s, row.map);
        }
    }

    private void reduceGroup(RowTask<A> row) {
        row.sums.clear(row.base());
        for (int s = 0; s < geometry.segments; s++) {
            row.reduce(s, row.segmentSums);
            row.sums.merge(row.segmentSums, plan.pass.reduction());
        }
        redoIfCancelled(row);
    }

    /** Forms the sums of a group again in double if the fast ones cancelled to a denominator of zero. */
    private void redoIfCancelled(RowTask<A> row) {
        if (plan.pass.reduction() == Reduction.SUM && row.needsWideSums(row.sums)) {
            row.sums.clear(0);
            for (int s = 0; s < geometry.segments; s++) {
                row.reduceWide(s, row.segmentSums);
                row.sums.merge(row.segmentSums, Reduction.SUM);
            }
        }
    }

    /** Single groups again, but for what they contribute to parameters that vary within them. */
    void redo(long[] which, GroupSums groupSums) {
        workers.run(which.length, () -> {
            RowTask<A> row = newTask();
            return task -> {
                row.seek(which[task]);
                runGroup(row, which[task], groupSums);
            };
        });
    }

    /** Few groups: the segments of all groups, first their sums, then their map. */
    private void runSegments() {
        int tasks = Math.toIntExact(geometry.groups * geometry.segments);
        GroupSums groupSums = plan.wantsParameterGradients() ? new GroupSums(geometry.groups) : null;
        Coefficients[] maps = reduceSegments(tasks, groupSums);
        workers.run(tasks, () -> {
            RowTask<A> row = newTask();
            return task -> {
                row.seek(task / geometry.segments);
                row.map(task % geometry.segments, maps[task / geometry.segments]);
            };
        });
        if (groupSums != null) {
            groupSums.storeGradients(plan, scratch.get().loops);
        }
    }

    private Coefficients[] reduceSegments(int tasks, GroupSums groupSums) {
        Sums[] sums = new Sums[tasks];
        workers.run(tasks, () -> {
            RowTask<A> row = newTask();
            return task -> {
                row.seek(task / geometry.segments);
                sums[task] = new Sums();
                row.reduce(task % geometry.segments, sums[task]);
            };
        });
        Coefficients[] maps = new Coefficients[tasks / geometry.segments];
        RowTask<A> row = newTask();
        for (int g = 0; g < maps.length; g++) {
            row.seek(g);
            row.sums.clear(row.base());
            for (int s = 0; s < geometry.segments; s++) {
                row.sums.merge(sums[g * geometry.segments + s], plan.pass.reduction());
            }
            redoIfCancelled(row);
            if (groupSums != null) {
                groupSums.set(g, row.sums, row.statistics);
            }
            maps[g] = new Coefficients();
            row.finish(row.sums, maps[g]);
        }
        return maps;
    }

    /**
     * Every element of a group has a parameter of its own, and there are many: sums first, then one task per slice of
     * the group, which maps that slice of every group and so has all contributions to its parameters.
     */
    private void runByParameters() {
        Coefficients[] maps = reduceSegments(Math.toIntExact(geometry.groups * geometry.segments), null);
        int slice = (int) Math.min(
                InnerLoops.CHUNK,
                Math.max(InnerLoops.CHUNK / 4, Blocks.ceilDiv(geometry.groupSize, MAX_PARAMETER_TASKS)));
        workers.run(Math.toIntExact(Blocks.ceilDiv(geometry.groupSize, slice)), () -> {
            RowTask<A> row = newTask();
            return task -> {
                long from = (long) task * slice;
                int n = (int) Math.min(slice, geometry.groupSize - from);
                ParameterSums<A> sums = new ParameterSums<>(n, row.loops);
                row.parameters = sums;
                row.firstParameter = from;
                row.seek(0);
                for (int g = 0; g < geometry.groups; g++) {
                    row.collectAndMap(from, n, maps[g]);
                    row.nextGroup();
                }
                sums.flush();
                row.seek(0);
                row.storeParameters(from, n, sums);
            };
        });
    }
}
