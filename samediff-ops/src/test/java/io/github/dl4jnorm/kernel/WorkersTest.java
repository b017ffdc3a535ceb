package io.github.dl4jnorm.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
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
            workers.run(count, runs::incrementAndGet);
            for (int task = 0; task < count; task++) {
                assertEquals(1, runs.get(task));
            }
        }
    }

    @Test
    void oneThreadIsTheCaller() {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        new Workers(1).run(50, task -> seen.add(Thread.currentThread()));
        assertEquals(Set.of(Thread.currentThread()), seen);
    }

    @Test
    void helpersAreDaemons() {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        new Workers(4).run(200, task -> seen.add(Thread.currentThread()));
        seen.remove(Thread.currentThread());
        assertTrue(seen.stream().allMatch(Thread::isDaemon));
    }

    @Test
    void aFailureReachesTheCallerAfterAllTasks() {
        IllegalStateException failure = new IllegalStateException("task 3");
        AtomicIntegerArray runs = new AtomicIntegerArray(20);
        Throwable thrown = assertThrows(IllegalStateException.class, () -> new Workers(3).run(20, task -> {
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
    void refusesLessThanOneThread() {
        assertEquals(
                "expected 1 thread or more, got 0",
                assertThrows(IllegalArgumentException.class, () -> new Workers(0))
                        .getMessage());
    }
}
