package io.github.dl4jnorm.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
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

    @Test
    void helpersAreDaemons() {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        new Workers(4).run(200, () -> task -> seen.add(Thread.currentThread()));
        seen.remove(Thread.currentThread());
        assertTrue(seen.stream().allMatch(Thread::isDaemon));
    }

    @Test
    void aFailureReachesTheCallerAfterAllTasks() {
        IllegalStateException failure = new IllegalStateException("task 3");
        AtomicIntegerArray runs = new AtomicIntegerArray(20);
        Throwable thrown = assertThrows(IllegalStateException.class, () -> new Workers(3).run(20, () -> task -> {
            runs.incrementAndGet(task);
            if (task == 3) {
                throw failure;
            }
        }));
        assertSame(failure, thrown);
        for (int task = 0; task < 20; task++) {
            assertEquals(1, runs.get(task));
        }
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
