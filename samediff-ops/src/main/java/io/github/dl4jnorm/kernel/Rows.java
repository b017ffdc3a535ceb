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
    private static final int CHUNK = InnerLoops.CHUNK;

    /** Elements whose sums are formed by one task. */
    static final long SEGMENT = 16L * CHUNK;

    /**
     * Elements that are moved at a time between memory and staging arrays where there is a choice: so few that the
     * processor fetches the next ones while it works on these.
     */
    static final int PIECE = 512;

    /** Runs that are worth a walk from one to the next. */
    private static final int LONG_RUN = 128;

    /** Elements that are worth a task. */
    private static final long TASK = 8L * CHUNK;

    /** So many parameters that tasks do not keep sums of all of them. */
    private static final long MANY_PARAMETERS = 4L * CHUNK;

    /** Most tasks that keep sums of parameters of their own. */
    private static final long MOST_PARAMETER_TASKS = 32;

    /** Groups that are worth such a task. */
    private static final long PARAMETER_GROUPS = 32;

    final Plan<A> plan;
    private final Workers workers;
    private final ThreadLocal<Scratch<A>> scratch;

    final Axis[] outer;
    final Axis inner;
    private final long groups;
    final long groupSize;
    private final int segments;

    /** Whether gamma and beta differ within a group; within a run of the inner axis; along every reduced axis. */
    final boolean varies;

    final boolean variesInRun;
    final boolean variesEverywhere;

    final boolean moments;

    /** Whether runs are long enough to move each in pieces, and need no parameters but those of the group. */
    final boolean mapsRuns;

    Rows(Plan<A> plan, Workers workers, ThreadLocal<Scratch<A>> scratch) {
        this.plan = plan;
        this.workers = workers;
        this.scratch = scratch;
        Axis[] reduced = plan.space.reduced;
        int last = reduced.length - 1;
        this.outer = last < 0 ? reduced : Arrays.copyOf(reduced, last);
        this.inner = last < 0 ? new Axis(1, new long[plan.slots()]) : reduced[last];
        this.groups = Cursor.count(plan.space.kept);
        this.groupSize = Cursor.count(reduced);
        this.segments = Math.toIntExact(ceilDiv(groupSize, SEGMENT));
        this.varies = Arrays.stream(reduced).anyMatch(Rows::isAffine);
        this.variesInRun = isAffine(inner);
        this.variesEverywhere = varies && Arrays.stream(reduced).allMatch(Rows::isAffine);
        this.mapsRuns = !varies && inner.size >= LONG_RUN;
        this.moments = plan.pass.reduction() == Reduction.MOMENTS;
    }

    static boolean isAffine(Axis axis) {
        return axis.strides[Slot.PARAMETER] != 0;
    }

    static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }

    void run() {
        boolean wanted = plan.wantsParameterGradients();
        boolean keptIsPlain = Arrays.stream(plan.space.kept).noneMatch(Rows::isAffine);
        if (wanted && variesEverywhere && keptIsPlain && groupSize > MANY_PARAMETERS) {
            runByParameters();
        } else if (varies && wanted) {
            long fewTasks = Math.max(ceilDiv(groups, MOST_PARAMETER_TASKS), PARAMETER_GROUPS);
            runBlocks(Math.max(ceilDiv(TASK, groupSize), fewTasks));
        } else if (segments > 1 && groups < 4L * workers.threads()) {
            runSegments();
        } else {
            runBlocks(ceilDiv(TASK, groupSize));
        }
    }

    private RowTask<A> newTask() {
        return new RowTask<>(this, scratch.get());
    }

    /** Whole groups, a block of them per task. */
    private void runBlocks(long block) {
        int tasks = Math.toIntExact(ceilDiv(groups, block));
        boolean wanted = plan.wantsParameterGradients();
        GroupSums groupSums = wanted && !varies ? new GroupSums(groups) : null;
        ParameterSums<A>[] parts = wanted && varies ? newParts(tasks) : null;
        workers.run(tasks, () -> {
            RowTask<A> row = newTask();
            return task -> {
                if (parts != null) {
                    row.parameters = parts[task] = new ParameterSums<>(plan.parameters(), row.loops);
                }
                long end = Math.min(groups, (task + 1L) * block);
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
        row.sums.clear(row.base());
        for (int s = 0; s < segments; s++) {
            row.reduce(s, row.segmentSums);
            row.sums.merge(row.segmentSums, moments);
        }
        if (groupSums != null) {
            groupSums.set(g, row.sums.a, row.sums.b, row.invStd());
        }
        row.finish(row.sums, row.map);
        for (int s = 0; s < segments; s++) {
            row.map(s, row.map);
        }
    }

    /** Single groups again, on the calling thread, but for what they contribute to parameters that vary within them. */
    void redo(long[] which, GroupSums groupSums) {
        RowTask<A> row = newTask();
        for (long g : which) {
            row.seek(g);
            runGroup(row, g, groupSums);
        }
    }

    @SuppressWarnings("unchecked")
    static <A> ParameterSums<A>[] newParts(int tasks) {
        return (ParameterSums<A>[]) new ParameterSums<?>[tasks];
    }

    /** Few groups: the segments of all groups, first their sums, then their map. */
    private void runSegments() {
        int tasks = Math.toIntExact(groups * segments);
        GroupSums groupSums = plan.wantsParameterGradients() ? new GroupSums(groups) : null;
        Coefficients[] maps = reduceSegments(tasks, groupSums);
        workers.run(tasks, () -> {
            RowTask<A> row = newTask();
            return task -> {
                row.seek(task / segments);
                row.map(task % segments, maps[task / segments]);
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
                row.seek(task / segments);
                sums[task] = new Sums();
                row.reduce(task % segments, sums[task]);
            };
        });
        Coefficients[] maps = new Coefficients[tasks / segments];
        RowTask<A> row = newTask();
        for (int g = 0; g < maps.length; g++) {
            row.seek(g);
            row.sums.clear(row.base());
            for (int s = 0; s < segments; s++) {
                row.sums.merge(sums[g * segments + s], moments);
            }
            if (groupSums != null) {
                groupSums.set(g, row.sums.a, row.sums.b, row.invStd());
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
        Coefficients[] maps = reduceSegments(Math.toIntExact(groups * segments), null);
        int slice = (int) Math.min(CHUNK, Math.max(CHUNK / 4, ceilDiv(groupSize, MOST_PARAMETER_TASKS)));
        workers.run(Math.toIntExact(ceilDiv(groupSize, slice)), () -> {
            RowTask<A> row = newTask();
            return task -> {
                long from = (long) task * slice;
                int n = (int) Math.min(slice, groupSize - from);
                ParameterSums<A> sums = new ParameterSums<>(n, row.loops);
                row.parameters = sums;
                row.firstParameter = from;
                row.seek(0);
                for (int g = 0; g < groups; g++) {
                    row.collectAndMap(from, n, maps[g]);
                    row.nextGroup();
                }
                sums.flush();
                row.seek(0);
                row.storeParameters(from, n, sums);
            };
        });
    }

    /** The element after a segment. */
    long end(int segment) {
        return Math.min(groupSize, (segment + 1) * SEGMENT);
    }

    /** Length of the chunk that begins at an element: within one run where parameters jump between runs. */
    int chunk(long from, long end) {
        long most = Math.min(CHUNK, end - from);
        return (int) (varies && !variesEverywhere ? Math.min(most, inner.size - from % inner.size) : most);
    }
}
