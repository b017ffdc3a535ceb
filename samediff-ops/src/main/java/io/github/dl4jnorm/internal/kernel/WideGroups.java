package io.github.dl4jnorm.internal.kernel;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a pass for which the range of the type of the arrays is too small, found by the fast loops and then done
 * again by {@link WideGroup}. That is rare: values beyond 10¹⁹, whose squares are no floats, sums that are none, and
 * infinities.
 *
 * @param <A> type of arrays
 */
final class WideGroups<A> {
    private final Plan<A> plan;
    private final Workers workers;

    private final Set<Long> groups = ConcurrentHashMap.newKeySet();

    /** Whether gradients of parameters left the range. */
    private volatile boolean parameters;

    WideGroups(Plan<A> plan, Workers workers) {
        this.plan = plan;
        this.workers = workers;
    }

    /** Forgets what is known of an earlier run. */
    void clear() {
        groups.clear();
        parameters = false;
    }

    /** Notes that a group must be done again. */
    void add(long group) {
        groups.add(group);
    }

    /** Notes sums of parameters: if they are not finite, they must be formed again. */
    void check(ParameterSums<A> sums) {
        if (!sums.isFinite()) {
            parameters = true;
        }
    }

    /**
     * Does all of them again, when everything else is done.
     *
     * @param sums told what each contributes to its one gamma and beta; null if not wanted, or if it has more
     * @param scratch that of the calling thread
     */
    void run(@Nullable GroupSums sums, Scratch<A> scratch) {
        if (groups.isEmpty() && !parameters) {
            return;
        }
        long[] which = groups.stream().mapToLong(g -> g).sorted().toArray();
        workers.run(which.length, () -> {
            WideGroup<A> group = new WideGroup<>(plan, scratch.loops);
            return task -> group.run(which[task], sums);
        });
        if (plan.wantsParameterGradients() && sums == null) {
            collect(scratch);
        }
    }

    /** The gradients of parameters that vary within groups: what a single group contributes to each is not known. */
    private void collect(Scratch<A> scratch) {
        ParameterSums<A> sums = plan.parameterSums(scratch.loops);
        sums.clear();
        WideGroup<A> group = new WideGroup<>(plan, scratch.loops);
        long count = Cursor.count(plan.space.kept);
        for (long g = 0; g < count; g++) {
            group.collect(g, sums);
        }
        plan.store(sums, scratch);
    }
}
