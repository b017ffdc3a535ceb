package io.github.dl4jnorm.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.internal.engine.EngineChoice;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The threads that help callers with large passes of the fused engine. */
public final class HelperThreads {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private HelperThreads() {}

    /**
     * How long each has been running.
     *
     * @return CPU time in nanoseconds by the thread's id
     */
    public static Map<Long, Long> cpuNanos() {
        ThreadMXBean bean = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("dl4jnorm-"))
                .collect(Collectors.toMap(Thread::getId, thread -> bean.getThreadCpuTime(thread.getId())));
    }

    /**
     * Fails unless helpers were called, where normalizations run on the fused engine with several threads; else, if any
     * was. Those that nobody calls sleep.
     *
     * @param before {@link #cpuNanos} as it was before
     * @throws InterruptedException if the thread is interrupted while it waits for one that a busy machine runs late
     */
    public static void assertCalledIfAnySince(Map<Long, Long> before) throws InterruptedException {
        boolean wanted = EngineChoice.describe().matches("fused: .*, threads: ([2-9]|[1-9][0-9]+)");
        long end = System.nanoTime() + PATIENCE;
        boolean called = wereCalledSince(before);
        while (wanted && !called && System.nanoTime() < end) {
            Thread.sleep(10);
            called = wereCalledSince(before);
        }
        assertEquals(wanted, called, "helpers were called");
    }

    private static boolean wereCalledSince(Map<Long, Long> before) {
        return cpuNanos().entrySet().stream().anyMatch(now -> now.getValue() > before.getOrDefault(now.getKey(), 0L));
    }
}
