package io.github.dl4jnorm.benchmarks.measure;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what all Java threads have allocated on the heap. */
final class Heap {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What reading the counters allocates itself. */
    private final long own;

    Heap() {
        long before = sum();
        own = sum() - before;
    }

    private long sum() {
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    /** The state now, for {@link #since}. */
    long mark() {
        return sum();
    }

    long since(long mark) {
        return Math.max(0, sum() - mark - own);
    }
}
