package io.github.dl4jnorm.kernel;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A fixed number of threads that share the tasks of a call: the caller and daemon threads of our own. Any number of
 * callers may use them at once; each works on its own tasks too, so none can starve.
 *
 * <p>Each thread begins with a share of its own, the same in every call, and then helps the others: what a thread wrote
 * or read in one pass is often still in its cache in the next.
 */
public final class Workers {
    private static final long IDLE_SECONDS = 30;

    /** How long a thread looks for work before it sleeps: about twice the time that waking it up would take. */
    private static final long SPIN_NANOS = 100_000;

    private final int threads;
    private final ExecutorService helpers;

    /**
     * Threads are started when first needed, and end when idle.
     *
     * @param threads number of threads that work on one call, the caller included; at least 1
     * @throws IllegalArgumentException if threads is less than 1
     */
    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("expected 1 thread or more, got " + threads);
        }
        this.threads = threads;
        this.helpers = threads == 1 ? null : newPool(threads - 1);
    }

    private static ExecutorService newPool(int size) {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size,
                size,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SpinningQueue(),
                work -> new Helper(work, 1 + count.getAndIncrement() % size));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** A queue whose takers look for a while before they sleep. */
    private static final class SpinningQueue extends LinkedBlockingQueue<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
            spinWhile(this::isEmpty);
            return super.poll(timeout, unit);
        }
    }

    private static void spinWhile(BooleanSupplier condition) {
        long end = System.nanoTime() + SPIN_NANOS;
        while (condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** A thread that knows its share. */
    private static final class Helper extends Thread {
        final int share;

        Helper(Runnable work, int share) {
            super(work, "dl4jnorm-" + share);
            this.share = share;
            setDaemon(true);
        }
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
     * Runs tasks 0 to count−1, in any order and on any of the threads, and returns when all are done.
     *
     * @param count number of tasks
     * @param worker makes, for each thread that takes part, what it does given the number of a task
     */
    void run(int count, Supplier<IntConsumer> worker) {
        int shares = Math.min(threads, count);
        Batch batch = new Batch(count, shares, worker);
        for (int helper = 1; helper < shares; helper++) {
            helpers.execute(batch);
        }
        batch.run();
        batch.await();
    }

    /** The tasks of one call. */
    private static final class Batch implements Runnable {
        /** Distance of counters, so that no two are in one cache line. */
        private static final int APART = 16;

        private final int count;
        private final int shares;
        private final Supplier<IntConsumer> worker;
        private final Thread caller = Thread.currentThread();
        private final AtomicIntegerArray taken;
        private final AtomicInteger done = new AtomicInteger();
        private volatile Throwable failure;

        Batch(int count, int shares, Supplier<IntConsumer> worker) {
            this.count = count;
            this.shares = shares;
            this.worker = worker;
            this.taken = new AtomicIntegerArray(shares * APART);
        }

        @Override
        public void run() {
            int own = Thread.currentThread() instanceof Helper helper ? helper.share : 0;
            IntConsumer task = null;
            for (int i = 0; i < shares; i++) {
                task = work((own + i) % shares, task);
            }
        }

        /** Does what is left of a share, with a task that is made when first needed. */
        private IntConsumer work(int share, IntConsumer made) {
            IntConsumer task = made;
            int from = first(share);
            int length = first(share + 1) - from;
            for (int i = take(share); i < length; i = take(share)) {
                try {
                    task = task == null ? worker.get() : task;
                    task.accept(from + i);
                } catch (RuntimeException | Error e) {
                    failure = e;
                }
                if (done.incrementAndGet() == count) {
                    LockSupport.unpark(caller);
                }
            }
            return task;
        }

        private int take(int share) {
            return taken.getAndIncrement(share * APART);
        }

        private int first(int share) {
            return (int) ((long) count * share / shares);
        }

        void await() {
            spinWhile(() -> done.get() < count);
            while (done.get() < count) {
                LockSupport.park(this);
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
        }
    }
}
