package io.github.dl4jnorm.kernel;

import java.util.function.Supplier;

/**
 * Runs passes over CPU memory.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
public final class NormKernels<A> {
    /** Below this number of elements, starting another thread costs more than it saves. */
    private static final long SMALL = 1 << 15;

    private final ThreadLocal<Scratch<A>> scratch;
    private final Workers workers;
    private final Workers alone = new Workers(1);

    NormKernels(Supplier<InnerLoops<A>> loops, Workers workers) {
        this.scratch = ThreadLocal.withInitial(() -> new Scratch<>(loops.get()));
        this.workers = workers;
    }

    /**
     * Runs a pass. Results do not depend on the number of threads.
     *
     * @param pass what to compute; its outputs are modified, and must not overlap its inputs
     */
    public void run(NormPass<A> pass) {
        Plan<A> plan = new Plan<>(pass);
        long elements = Cursor.count(plan.space.kept) * Cursor.count(plan.space.reduced);
        Workers team = elements <= SMALL ? alone : workers;
        if (ColumnGeometry.suits(plan)) {
            new Columns<>(plan, team, scratch).run();
        } else {
            new Rows<>(plan, team, scratch).run();
        }
    }
}
