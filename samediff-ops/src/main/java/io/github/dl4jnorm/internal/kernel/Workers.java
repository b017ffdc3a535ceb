package io.github.dl4jnorm.internal.kernel;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A fixed number of threads that share the tasks of a call: the caller and daemon threads of our own, the helpers. Any
 * number of callers may use them at once, tasks included; each works on its own tasks too, so none can starve. Where
 * helpers cannot be started, calls go on with those there are.
 *
 * <p>Each thread begins with a share of its own, the same in every call, and then helps the others: what a thread wrote
 * or read in one pass is often still in its cache in the next.
 */
public final class Workers {
    /**
     * System property: for how many microseconds a thread looks for work before it sleeps, from 0 to 999999. Without it,
     * 100. Read when workers are made.
     */
    public static final String SPIN_PROPERTY = "dl4jnorm.spinMicros";

    /** About twice the time that waking a thread up would take. */
    private static final String SPIN_MICROS = "100";

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** How long none is started after one could not be: it takes a while to fail, and Java may print a line each time. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int threads;
    private final ThreadFactory factory;
    private final long idleNanos;
    private final long spinNanos = spinNanos();
    private final Helper[] helpers;

    /** What helpers may join, oldest first. */
    private final Queue<Batch> open = new ConcurrentLinkedQueue<>();

    /** The {@link System#nanoTime} before which no thread is started. */
    private volatile long startsFrom = System.nanoTime();

    /**
     * Threads are started when first needed, and end when idle.
     *
     * @param threads number of threads that work on one call, the caller included; at least 1
     * @throws IllegalArgumentException if threads is less than 1
     * @throws IllegalStateException if {@link #SPIN_PROPERTY} is not a number from 0 to 999999
     */
    public Workers(int threads) {
        this(threads, Workers::newThread, IDLE_NANOS);
    }

    Workers(int threads, ThreadFactory factory, long idleNanos) {
        if (threads < 1) {
            throw new IllegalArgumentException("expected 1 thread or more, got " + threads);
        }
        this.threads = threads;
        this.factory = factory;
        this.idleNanos = idleNanos;
        this.helpers = IntStream.range(1, threads).mapToObj(Helper::new).toArray(Helper[]::new);
    }

    private static long spinNanos() {
        String micros = System.getProperty(SPIN_PROPERTY, SPIN_MICROS);
        if (!micros.matches("[0-9]{1,6}")) {
            throw new IllegalStateException("System property " + SPIN_PROPERTY
                    + ": expected a number from 0 to 999999, got \"" + micros + "\"");
        }
        return TimeUnit.MICROSECONDS.toNanos(Long.parseLong(micros));
    }

    /**
     * A thread that has nothing of the one that starts it, which it would keep in memory: no inheritable thread-locals, no
     * context class loader, and not the classes on the stack, which a thread remembers as its access control context. That
     * is to be removed from Java, together with the only way to do without.
     */
    @SuppressWarnings("removal")
    static Thread newThread(Runnable work) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(null, work, "dl4jnorm", 0, false);
            thread.setContextClassLoader(Workers.class.getClassLoader());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * The number of threads that work on one call.
     *
     * @return 1 or more
     */
    public int threads() {
        return threads;
    }

    /**
     * Runs tasks 0 to count−1, in any order and on any of the threads, and returns when all are done. If one fails, the
     * caller gets what the first one threw, tasks that have not begun never do, and it returns when the others are done.
     *
     * @param count number of tasks
     * @param worker makes, for each thread that takes part, what it does given the number of a task
     */
    void run(int count, Supplier<IntConsumer> worker) {
        int shares = Math.min(threads, count);
        if (shares > 1) {
            runTogether(new Batch(count, shares, worker), shares - 1);
        } else if (count > 0) {
            IntConsumer task = worker.get();
            for (int i = 0; i < count; i++) {
                task.accept(i);
            }
        }
    }

    private void runTogether(Batch batch, int wanted) {
        try {
            open.add(batch);
            callHelpers(wanted);
            batch.work(0);
        } finally {
            // Even after an error here, such as of the stack, helpers may have joined.
            batch.await(spinNanos);
            open.remove(batch);
        }
        batch.rethrow();
    }

    private void callHelpers(int wanted) {
        int coming = 0;
        for (int i = 0; i < helpers.length && coming < wanted; i++) {
            coming += helpers[i].comes() ? 1 : 0;
        }
    }

    /** What a helper does; it is absent while it has no thread. */
    private enum State {
        ABSENT,
        LOOKING,
        WORKING,
        ASLEEP
    }

    /** A place for a thread. Callers start it and wake it up, and all else it does by itself. */
    private final class Helper implements Runnable {
        private final int share;
        private final AtomicReference<State> state = new AtomicReference<>(State.ABSENT);
        private volatile Thread thread;

        Helper(int share) {
            this.share = share;
        }

        /** Makes this helper look for work, if possible; one that works will do so by itself, but may take long. */
        boolean comes() {
            if (state.compareAndSet(State.ASLEEP, State.LOOKING)) {
                LockSupport.unpark(thread);
            } else if (state.get() == State.ABSENT && System.nanoTime() - startsFrom >= 0) {
                start();
            }
            return state.get() == State.LOOKING;
        }

        private void start() {
            if (!state.compareAndSet(State.ABSENT, State.LOOKING)) {
                return;
            }
            try {
                thread = factory.newThread(this);
                thread.setName("dl4jnorm-" + share);
                thread.start();
            } catch (Throwable e) {
                // Whatever it is, most likely a lack of memory: the caller can do without.
                startsFrom = System.nanoTime() + PAUSE_NANOS;
                state.set(State.ABSENT);
            }
        }

        @Override
        public void run() {
            do {
                while (help()) {
                    // There may be more.
                }
                spin();
            } while (!open.isEmpty() || sleep());
        }

        /** Has a stack frame of its own, so that nothing refers to the last batch while this helper sleeps. */
        private boolean help() {
            Batch batch = open.peek();
            if (batch == null) {
                return false;
            }
            if (batch.join()) {
                state.set(State.WORKING);
                try {
                    batch.work(share);
                } finally {
                    // An interrupt was meant for what this thread has just done.
                    Thread.interrupted();
                    state.set(State.LOOKING);
                    batch.leave();
                }
            } else {
                open.remove(batch);
            }
            return true;
        }

        private void spin() {
            long end = System.nanoTime() + spinNanos;
            while (open.isEmpty() && System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
        }

        /** Sleeps until it is called. False after a long time: then it is absent, and its thread must end. */
        private boolean sleep() {
            long end = System.nanoTime() + idleNanos;
            state.set(State.ASLEEP);
            // Who opened a batch before that saw this helper looking, and did not call.
            while (state.get() == State.ASLEEP && open.isEmpty()) {
                long left = end - System.nanoTime();
                if (left <= 0 && state.compareAndSet(State.ASLEEP, State.ABSENT)) {
                    return false;
                }
                LockSupport.parkNanos(this, left);
                // An interrupted thread cannot be parked.
                Thread.interrupted();
            }
            state.set(State.LOOKING);
            return true;
        }
    }
}
