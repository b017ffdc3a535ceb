package io.github.dl4jnorm.internal.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The tasks of one call of {@link Workers}. Its caller works on them, and helpers that join. */
final class Batch {
    /** Counters in a cache line. So far apart, no thread waits because another one counts. */
    private static final int LINE = 16;

    /** Counters in the array: room for 4 shares that far apart. More stand closer, so that a call takes little memory. */
    private static final int ROOM = 4 * LINE;

    private final int count;
    private final int shares;
    private final Supplier<IntConsumer> worker;
    private final Thread caller = Thread.currentThread();
    private final int distance;
    private final AtomicIntegerArray taken;

    /** Helpers that may still join. */
    private final AtomicInteger places;

    /** Helpers that may still join, and those that joined and have not left. */
    private final AtomicInteger awaited;

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /**
     * A batch of the thread that makes it.
     *
     * @param count number of tasks
     * @param shares number of threads that may work on them, the caller included
     * @param worker makes, for each of these threads, what it does given the number of a task
     */
    Batch(int count, int shares, Supplier<IntConsumer> worker) {
        this.count = count;
        this.shares = shares;
        this.worker = worker;
        this.distance = Math.max(1, Math.min(LINE, ROOM / shares));
        this.taken = new AtomicIntegerArray(shares * distance);
        this.places = new AtomicInteger(shares - 1);
        this.awaited = new AtomicInteger(shares - 1);
    }

    /** Asked by a helper before it works; false if there are enough, or the call is over. Who joins must leave. */
    boolean join() {
        return places.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    void leave() {
        if (awaited.decrementAndGet() == 0) {
            LockSupport.unpark(caller);
        }
    }

    /** Does what is left of a share, then what is left of the others, until there is nothing or something failed. */
    void work(int own) {
        try {
            IntConsumer task = null;
            for (int i = 0; i < shares; i++) {
                int share = (own + i) % shares;
                int from = first(share);
                int length = first(share + 1) - from;
                for (int n = take(share); n < length && failure.get() == null; n = take(share)) {
                    task = task == null ? worker.get() : task;
                    task.accept(from + n);
                }
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    private int first(int share) {
        return (int) ((long) count * share / shares);
    }

    private int take(int share) {
        return taken.getAndIncrement(share * distance);
    }

    /**
     * Lets no more helpers join, and waits until those who did have left: then none touches the caller's arrays. Makes no
     * objects, because it must not fail when memory is short.
     */
    void await(long spinNanos) {
        awaited.addAndGet(-places.getAndSet(0));
        long end = System.nanoTime() + spinNanos;
        while (awaited.get() > 0 && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        boolean interrupted = false;
        while (awaited.get() > 0) {
            LockSupport.park(this);
            // An interrupted thread cannot be parked.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Throws what the first failure was, if there was one. */
    void rethrow() {
        if (failure.get() != null) {
            Batch.<RuntimeException>throwAs(failure.get());
        }
    }

    /** Tasks cannot declare checked exceptions, but may throw them in this way, and so may we. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwAs(Throwable e) throws T {
        throw (T) e;
    }
}
