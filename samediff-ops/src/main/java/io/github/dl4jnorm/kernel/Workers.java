package io.github.dl4jnorm.kernel;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * A fixed number of threads that share the tasks of a call: the caller and daemon threads of our own. Any number of
 * callers may use them at once; each works on its own tasks too, so none can starve.
 */
public final class Workers {
    private static final long IDLE_SECONDS = 30;

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
                size, size, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "dl4jnorm-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
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
     * @param task what to do, given the number of the task
     */
    void run(int count, IntConsumer task) {
        Batch batch = new Batch(count, task);
        for (int helper = Math.min(threads, count) - 1; helper > 0; helper--) {
            helpers.execute(batch);
        }
        batch.run();
        batch.await();
    }

    /** The tasks of one call. */
    private static final class Batch implements Runnable {
        private final int count;
        private final IntConsumer task;
        private final Thread caller = Thread.currentThread();
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private volatile Throwable failure;

        Batch(int count, IntConsumer task) {
            this.count = count;
            this.task = task;
        }

        @Override
        public void run() {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                try {
                    task.accept(i);
                } catch (RuntimeException | Error e) {
                    failure = e;
                }
                if (done.incrementAndGet() == count) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void await() {
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
