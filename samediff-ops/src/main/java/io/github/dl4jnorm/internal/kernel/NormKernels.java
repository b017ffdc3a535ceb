package io.github.dl4jnorm.internal.kernel;

import java.util.function.Supplier;

/**
 * Runs passes over CPU memory.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
public final class NormKernels<A> {
    /** Below this number of elements, starting another thread costs more than it saves. */
    private static final long SMALL = 1 << 15;

    private final ThreadLocal<KernelThread<A>> thread;
    private final Workers workers;
    private final Workers alone = new Workers(1);

    NormKernels(Supplier<InnerLoops<A>> loops, Workers workers) {
        this.thread = ThreadLocal.withInitial(() -> new KernelThread<>(loops.get()));
        this.workers = workers;
    }

    /**
     * Runs a pass. Results do not depend on the number of threads.
     *
     * @param pass what to compute; its outputs are modified, and must not overlap its inputs
     */
    public void run(NormPass<A> pass) {
        prepare(pass).run();
    }

    /**
     * Prepares a pass that is run many times, for as many arrays of the same shape and strides: how to walk through them
     * is found once, and what a run needs to remember is allocated once.
     *
     * @param pass what to compute; each run modifies its outputs, and reads its operands where they are by then
     * @return runs the pass; to be used by one thread at a time
     */
    public Runnable prepare(NormPass<A> pass) {
        Plan<A> plan = new Plan<>(pass);
        long elements = Cursor.count(plan.space.kept) * Cursor.count(plan.space.reduced);
        Workers team = elements <= SMALL ? alone : workers;
        return Columns.suits(plan) ? new Columns<>(plan, team, thread) : new Rows<>(plan, team, thread);
    }
}
