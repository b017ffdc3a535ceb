package io.github.dl4jnorm.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkersTest {
    private static final IntConsumer NOTHING = task -> {};

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void runsEachTaskOnce(int threads) {
        Workers workers = new Workers(threads);
        for (int count : new int[] {0, 1, 2, 100}) {
            AtomicIntegerArray runs = new AtomicIntegerArray(count);
            workers.run(count, () -> runs::incrementAndGet);
            for (int task = 0; task < count; task++) {
                assertEquals(1, runs.get(task));
            }
        }
    }

    @Test
    void oneThreadIsTheCaller() {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        new Workers(1).run(50, () -> task -> seen.add(Thread.currentThread()));
        assertEquals(Set.of(Thread.currentThread()), seen);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void oneTaskIsTheCallers(int count) {
        AtomicInteger started = new AtomicInteger();
        Workers workers = new Workers(
                4,
                work -> {
                    started.incrementAndGet();
                    return Workers.newThread(work);
                },
                TimeUnit.SECONDS.toNanos(30));
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        workers.run(count, () -> task -> seen.add(Thread.currentThread()));
        assertEquals(count == 0 ? Set.of() : Set.of(Thread.currentThread()), seen);
        assertEquals(0, started.get());
    }

    /** More calls are open at once than there are threads. */
    @Test
    void tasksMayRunTasks() {
        Workers workers = new Workers(3);
        AtomicInteger runs = new AtomicInteger();
        workers.run(
                10,
                () -> outer -> workers.run(10, () -> middle -> workers.run(10, () -> inner -> runs.incrementAndGet())));
        assertEquals(1000, runs.get());
    }

    /** Helpers that sleep and end at once are woken up and started all the time. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1_000, 30_000_000_000L})
    void manyMayCallAtOnce(long idleNanos) throws InterruptedException {
        Workers workers = new Workers(3, Workers::newThread, idleNanos);
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Thread caller = new Thread(() -> {
                for (int call = 0; call < 200; call++) {
                    int[] runs = new int[7];
                    workers.run(runs.length, () -> task -> runs[task]++);
                    wrong.addAndGet(Arrays.equals(new int[] {1, 1, 1, 1, 1, 1, 1}, runs) ? 0 : 1);
                }
            });
            caller.start();
            callers.add(caller);
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertEquals(0, wrong.get());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 16, 64})
    void aCallTakesLittleMemory(int threads) {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // None is started, because that takes memory too.
        Workers workers = new Workers(threads, work -> null, TimeUnit.SECONDS.toNanos(30));
        Supplier<IntConsumer> worker = () -> NOTHING;
        workers.run(1000, worker);
        long before = memory.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
            workers.run(1000, worker);
        }
        long bytes = (memory.getCurrentThreadAllocatedBytes() - before) / 100;
        assertTrue(bytes < 500, () -> bytes + " bytes");
    }

    @Test
    void aThreadMakesItsWorkerOnce() {
        Map<Thread, Integer> made = new ConcurrentHashMap<>();
        new Workers(3).run(200, () -> {
            made.merge(Thread.currentThread(), 1, Integer::sum);
            return task -> {};
        });
        assertTrue(made.values().stream().allMatch(count -> count == 1), made::toString);
    }

    /** The other threads are kept from helping until the caller is done with its share. */
    @Test
    void aThreadBeginsWithItsShare() {
        Thread caller = Thread.currentThread();
        CountDownLatch callerAtWork = new CountDownLatch(50);
        Set<Integer> first = new HashSet<>();
        new Workers(2).run(100, () -> task -> {
            if (Thread.currentThread() == caller) {
                if (callerAtWork.getCount() > 0) {
                    first.add(task);
                }
                callerAtWork.countDown();
            } else {
                awaitQuietly(callerAtWork);
            }
        });
        assertEquals(IntStream.range(0, 50).boxed().collect(Collectors.toSet()), first);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void refusesLessThanOneThread() {
        assertEquals(
                "expected 1 thread or more, got 0",
                assertThrows(IllegalArgumentException.class, () -> new Workers(0))
                        .getMessage());
    }
}
