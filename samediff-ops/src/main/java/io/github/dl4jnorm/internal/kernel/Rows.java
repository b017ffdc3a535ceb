package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The loop nest for groups whose elements lie next to each other, group after group. As it can step over any strides,
 * it is also the nest for everything that {@link Columns} does not take.
 *
 * <p>A group that fits the L2 cache is read from there the second time, when it is mapped.
 *
 * @param <A> type of arrays
 */
final class Rows<A> implements Runnable {
    /** So many parameters that tasks do not keep sums of all of them. */
    private static final long MANY_PARAMETERS = 4L * InnerLoops.CHUNK;

    /** Most tasks that keep sums of parameters of their own. */
    private static final long MAX_PARAMETER_TASKS = 32;

    /** Groups that are worth such a task. */
    private static final long PARAMETER_GROUPS = 32;

    /** How the groups are cut into tasks. */
    private enum Walk {
        /** Whole groups, a block of them per task. */
        BLOCKS,
        /** Few groups: the segments of all groups, first their sums, then their map. */
        SEGMENTS,
        /**
         * Every element of a group has a parameter of its own, and there are many: sums first, then one task per tile of
         * the group, which maps that tile of every group and so has all contributions to its parameters.
         */
        PARAMETERS
    }

    private final Plan<A> plan;
    private final RowGeometry geometry;
    private final Workers workers;
    private final ThreadLocal<KernelThread<A>> thread;

    private final Walk walk;

    /** Groups per task, and number of tasks, where tasks do whole groups. */
    private final long block;

    private final int tasks;

    /** What each group contributes to the gradients of its one gamma and beta; null if not wanted, or if it has more. */
    private final @Nullable GroupSums groupSums;

    /** What each task contributes to the gradients of the parameters, if that is wanted so. */
    private final ParameterSums<A>[] parts;

    /** The sums of each segment, and how to map each group, where groups are cut into segments. */
    private final Sums[] sums;

    private final Coefficients[] maps;

    private final WideGroups<A> wide;

    Rows(Plan<A> plan, Workers workers, ThreadLocal<KernelThread<A>> thread) {
        this.plan = plan;
        this.geometry = new RowGeometry(plan.space);
        this.workers = workers;
        this.thread = thread;
        this.wide = new WideGroups<>(plan, workers);
        this.walk = walk();
        long least = Blocks.ceilDiv(Blocks.TASK, geometry.groupSize);
        long few = Math.max(Blocks.ceilDiv(geometry.groups, MAX_PARAMETER_TASKS), PARAMETER_GROUPS);
        boolean wanted = plan.wantsParameterGradients();
        boolean ofTasks = wanted && geometry.varies && walk == Walk.BLOCKS;
        this.block = ofTasks ? Math.max(least, few) : least;
        this.tasks = Math.toIntExact(Blocks.ceilDiv(geometry.groups, block));
        this.groupSums = wanted && !geometry.varies ? new GroupSums(geometry.groups) : null;
        this.parts = ParameterSums.newArray(ofTasks ? tasks : 0);
        int segmented = walk == Walk.BLOCKS ? 0 : Math.toIntExact(geometry.groups);
        this.sums = new Sums[segmented * geometry.segments];
        this.maps = Coefficients.newArray(segmented);
        Arrays.setAll(parts, i -> new ParameterSums<>(plan.parameters(), thread.get().scratch.loops));
        Arrays.setAll(sums, i -> new Sums());
    }

    private Walk walk() {
        boolean wanted = plan.wantsParameterGradients();
        boolean keptIsPlain = Arrays.stream(plan.space.kept).noneMatch(Axis::isAffine);
        if (wanted && geometry.variesEverywhere && keptIsPlain && geometry.groupSize > MANY_PARAMETERS) {
            return Walk.PARAMETERS;
        }
        boolean few = geometry.segments > 1 && geometry.groups < 4L * workers.threads();
        return few && !(geometry.varies && wanted) ? Walk.SEGMENTS : Walk.BLOCKS;
    }

    @Override
    public void run() {
        wide.clear();
        switch (walk) {
            case BLOCKS -> runBlocks();
            case SEGMENTS -> runSegments();
            case PARAMETERS -> runByParameters();
        }
        wide.run(groupSums, thread.get().scratch);
        if (groupSums != null) {
            groupSums.storeGradients(plan, thread.get().scratch);
        }
    }

    private RowTask<A> start() {
        return thread.get().rows().start(plan, geometry, wide);
    }

    private void runBlocks() {
        workers.run(tasks, () -> {
            RowTask<A> row = start();
            return task -> {
                if (parts.length > 0) {
                    row.parameters = parts[task];
                    row.parameters.clear();
                }
                long end = Math.min(geometry.groups, (task + 1L) * block);
                if (geometry.isBatched()) {
                    runBatches(row, task * block, end);
                } else {
                    runGroups(row, task * block, end);
                }
                if (parts.length > 0) {
                    row.parameters.flush();
                }
            };
        });
        if (parts.length > 0) {
            ParameterSums<A> total = ParameterSums.total(parts);
            wide.check(total);
            plan.store(total, thread.get().scratch);
        }
    }

    private void runBatches(RowTask<A> row, long first, long end) {
        int n;
        for (long g = first; g < end; g += n) {
            n = geometry.batch(g, end);
            row.seek(g, n);
            row.reduceRows();
            row.finish();
            row.mapRows();
        }
    }

    private void runGroups(RowTask<A> row, long first, long end) {
        row.seek(first);
        for (long g = first; g < end; g++) {
            runGroup(row, g, groupSums);
            row.nextGroup();
        }
    }

    /** All of the group that the task is at. */
    private void runGroup(RowTask<A> row, long g, @Nullable GroupSums to) {
        row.reduce(0, row.sums[0]);
        for (int s = 1; s < geometry.segments; s++) {
            row.reduce(s, row.segmentSums);
            row.sums[0].merge(row.segmentSums, plan.pass.reduction());
        }
        if (to != null) {
            to.set(g, row.sums[0], row.statistics[0]);
        }
        row.finish();
        for (int s = 0; s < geometry.segments; s++) {
            row.map(s, row.maps[0]);
        }
    }

    private void runSegments() {
        reduceSegments();
        workers.run(sums.length, () -> {
            RowTask<A> row = start();
            return task -> {
                row.seek(task / geometry.segments);
                row.map(task % geometry.segments, maps[task / geometry.segments]);
            };
        });
    }

    private void reduceSegments() {
        workers.run(sums.length, () -> {
            RowTask<A> row = start();
            return task -> {
                row.seek(task / geometry.segments);
                row.reduce(task % geometry.segments, sums[task]);
            };
        });
        RowTask<A> row = start();
        for (int g = 0; g < maps.length; g++) {
            row.seek(g);
            row.clearSums();
            for (int s = 0; s < geometry.segments; s++) {
                row.sums[0].merge(sums[g * geometry.segments + s], plan.pass.reduction());
            }
            if (groupSums != null) {
                groupSums.set(g, row.sums[0], row.statistics[0]);
            }
            row.finish(0, maps[g]);
        }
    }

    private void runByParameters() {
        reduceSegments();
        workers.run(Math.toIntExact(geometry.tiles), () -> {
            RowTask<A> row = start();
            return tile -> {
                row.seek(0);
                row.collectOnly(tile);
                for (int g = 0; g < geometry.groups; g++) {
                    row.collectAndMap(tile, maps[g]);
                    row.nextGroup();
                }
                row.seek(0);
                row.storeCollected(tile);
            };
        });
    }
}
