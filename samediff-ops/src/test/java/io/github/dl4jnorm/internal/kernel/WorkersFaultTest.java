package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.Waiting.assertSleeps;
import static io.github.dl4jnorm.internal.kernel.Waiting.meet;
import static io.github.dl4jnorm.internal.kernel.Waiting.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a call if something goes wrong. */
class WorkersFaultTest {
    private static final long LONG = TimeUnit.MINUTES.toNanos(1);

    private final Thread caller = Thread.currentThread();

    private boolean onCaller() {
        return Thread.currentThread() == caller;
    }

    static Stream<Named<ThreadFactory>> broken() {
        return Stream.of(
                Named.of("no memory", work -> {
                    throw new OutOfMemoryError("unable to create native thread");
                }),
                Named.of("not allowed", work -> {
                    throw new SecurityException("no threads");
                }),
                Named.of("no thread", work -> null),
                Named.of("no memory for its stack", work -> new Thread(work) {
                    @Override
                    public synchronized void start() {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                }),
                Named.of("already started", work -> {
                    Thread thread = new Thread(() -> {});
                    thread.start();
                    return thread;
                }));
    }

    /** Makes some threads, then is another factory. */
    private static ThreadFactory first(int good, ThreadFactory then) {
        AtomicInteger made = new AtomicInteger();
        return work -> made.getAndIncrement() < good ? Workers.newThread(work) : then.newThread(work);
    }

    @ParameterizedTest
    @MethodSource("broken")
    void withoutHelpersTheCallerDoesAll(ThreadFactory broken) {
        AtomicIntegerArray runs = new AtomicIntegerArray(50);
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        new Workers(4, broken, LONG).run(50, () -> task -> {
            runs.incrementAndGet(task);
            seen.add(Thread.currentThread());
        });
        for (int task = 0; task < 50; task++) {
            assertEquals(1, runs.get(task));
        }
        assertEquals(Set.of(caller), seen);
    }

    @ParameterizedTest
    @MethodSource("broken")
    void thoseThatWereStartedHelpInThisCallAndTheNext(ThreadFactory broken) {
        Workers workers = new Workers(4, first(2, broken), LONG);
        Set<Thread> seen = meet(workers, 3);
        assertEquals(3, seen.size());
        assertEquals(seen, meet(workers, 3));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void theCallLastsAsLongAsTheHelpersThatWereStarted(ThreadFactory broken) {
        AtomicBoolean helping = new AtomicBoolean();
        AtomicBoolean helped = new AtomicBoolean();
        new Workers(4, first(1, broken), LONG).run(20, () -> task -> {
            if (onCaller()) {
                until(helping::get);
            } else {
                helping.set(true);
                until(this::callerIsParked);
                helped.set(true);
            }
        });
        assertTrue(helped.get());
    }

    private boolean callerIsParked() {
        return caller.getState() == Thread.State.WAITING;
    }

    @Test
    void aSecondAfterAFailureItTriesAgain() {
        AtomicInteger attempts = new AtomicInteger();
        AtomicBoolean memory = new AtomicBoolean();
        Workers workers = new Workers(
                4,
                work -> {
                    attempts.incrementAndGet();
                    if (memory.get()) {
                        return Workers.newThread(work);
                    }
                    throw new OutOfMemoryError();
                },
                LONG);
        long begin = System.nanoTime();
        until(() -> {
            workers.run(20, () -> task -> {});
            return attempts.get() == 2;
        });
        assertTrue(System.nanoTime() - begin >= TimeUnit.SECONDS.toNanos(1));
        memory.set(true);
        until(() -> {
            Set<Thread> seen = ConcurrentHashMap.newKeySet();
            workers.run(20, () -> task -> seen.add(Thread.currentThread()));
            return attempts.get() == 5;
        });
        assertEquals(4, meet(workers, 4).size());
    }

    static Stream<Throwable> failures() {
        return Stream.of(new IllegalStateException(), new AssertionError(), new IOException());
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> IntConsumer fail(Throwable failure) throws T {
        throw (T) failure;
    }

    /** The second failure is that of a task that the first one finds at work. */
    @ParameterizedTest
    @MethodSource("failures")
    void theFirstFailureWinsAndStopsTheRest(Throwable failure) {
        Set<Integer> begun = ConcurrentHashMap.newKeySet();
        AtomicBoolean helped = new AtomicBoolean();
        Throwable thrown = assertThrows(failure.getClass(), () -> new Workers(2).run(100, () -> task -> {
            begun.add(task);
            if (onCaller()) {
                until(() -> begun.contains(50));
                WorkersFaultTest.<RuntimeException>fail(failure);
            }
            until(this::callerIsParked);
            helped.set(true);
            throw new IllegalArgumentException("second");
        }));
        assertSame(failure, thrown);
        assertEquals(Set.of(0, 50), begun);
        assertTrue(helped.get());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureOfAHelperStopsTheCaller(Throwable failure) {
        Workers workers = new Workers(2);
        Set<Thread> seen = meet(workers, 2);
        Thread helper = helper(seen);
        Set<Integer> begun = ConcurrentHashMap.newKeySet();
        Throwable thrown = assertThrows(
                failure.getClass(),
                () -> workers.run(100, () -> task -> {
                    begun.add(task);
                    until(() -> begun.size() == 2);
                    if (onCaller()) {
                        until(() -> helper.getState() == Thread.State.TIMED_WAITING);
                    } else {
                        WorkersFaultTest.<RuntimeException>fail(failure);
                    }
                }));
        assertSame(failure, thrown);
        assertEquals(Set.of(0, 50), begun);
        assertEquals(seen, meet(workers, 2));
    }

    private Thread helper(Set<Thread> seen) {
        return seen.stream().filter(thread -> thread != caller).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void oneThreadStopsAtAFailure(int count) {
        AtomicInteger runs = new AtomicInteger();
        Throwable failure = new IOException();
        assertSame(failure, assertThrows(IOException.class, () -> new Workers(1).run(count, () -> task -> {
            runs.incrementAndGet();
            WorkersFaultTest.<RuntimeException>fail(failure);
        })));
        assertEquals(1, runs.get());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSupplierMayFail(boolean onCaller) {
        Throwable failure = new IOException();
        AtomicBoolean failing = new AtomicBoolean();
        assertSame(failure, assertThrows(IOException.class, () -> new Workers(2).run(100, () -> {
            if (onCaller() == onCaller) {
                failing.set(true);
                return WorkersFaultTest.<RuntimeException>fail(failure);
            }
            return task -> until(failing::get);
        })));
    }

    @Test
    void aSupplierMayForget() {
        assertThrows(NullPointerException.class, () -> new Workers(2).run(100, () -> null));
    }

    @Test
    void anInterruptedCallerSleepsUntilAllIsDone() {
        AtomicBoolean helping = new AtomicBoolean();
        AtomicBoolean helped = new AtomicBoolean();
        AtomicBoolean callerIsDone = new AtomicBoolean();
        Thread.currentThread().interrupt();
        new Workers(2).run(2, () -> task -> {
            if (onCaller()) {
                assertTrue(Thread.currentThread().isInterrupted());
                until(helping::get);
                callerIsDone.set(true);
            } else {
                helping.set(true);
                until(callerIsDone::get);
                assertSleeps(caller);
                caller.interrupt();
                assertSleeps(caller);
                helped.set(true);
            }
        });
        assertTrue(Thread.interrupted());
        assertTrue(helped.get());
    }

    @Test
    void aCallerThatWasNotInterruptedIsNot() {
        meet(new Workers(2), 2);
        assertFalse(Thread.interrupted());
    }

    @Test
    void anInterruptedHelperSleepsAndHelpsAgain() {
        Workers workers = new Workers(2);
        Set<Thread> seen = meet(workers, 2);
        Thread helper = helper(seen);
        helper.interrupt();
        assertSleeps(helper);
        assertEquals(seen, meet(workers, 2));
    }
}
