package io.github.dl4jnorm.testing;

import io.github.dl4jnorm.engine.NormEngines;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.stream.Collectors;

/** The threads that help callers with large passes of the fused engine. */
public final class HelperThreads {
    private HelperThreads() {}

    /**
     * Whether large passes are to be helped with.
     *
     * @return true if the fused engine runs with several threads
     */
    public static boolean areWanted() {
        return NormEngines.describe().matches("fused: .*, threads: ([2-9]|[1-9][0-9]+)");
    }

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
     * Whether one was called. Those that nobody calls sleep.
     *
     * @param before {@link #cpuNanos} as it was before, of threads that slept
     * @return true if one has been running since
     */
    public static boolean wereCalledSince(Map<Long, Long> before) {
        return cpuNanos().entrySet().stream()
                .anyMatch(now -> now.getValue() > before.getOrDefault(now.getKey(), 0L));
    }
}
