package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waiting for other threads, and watching them wait. */
final class Waiting {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Waiting() {}

    /** Waits for a condition, whether or not this thread is interrupted, but not for ever. */
    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "waited for 20 seconds");
            Thread.yield();
        }
    }

    /** Runs tasks that wait until a number of threads takes part; gives these threads. */
    static Set<Thread> meet(Workers workers, int threads) {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        workers.run(20, () -> {
            seen.add(Thread.currentThread());
            return task -> until(() -> seen.size() >= threads);
        });
        return seen;
    }

    static long processorMillis(Thread thread) {
        return TimeUnit.NANOSECONDS.toMillis(THREADS.getThreadCpuTime(thread.getId()));
    }

    /** A thread that looks again and again whether it may go on needs a processor; one that is parked does not. */
    static void assertSleeps(Thread thread) {
        long before = processorMillis(thread);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
        until(() -> System.nanoTime() - end > 0);
        long millis = processorMillis(thread) - before;
        assertTrue(millis < 10, () -> millis + " ms of 50 on a processor");
    }
}
