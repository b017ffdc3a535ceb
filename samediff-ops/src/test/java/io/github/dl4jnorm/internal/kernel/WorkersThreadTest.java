package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.Waiting.assertSleeps;
import static io.github.dl4jnorm.internal.kernel.Waiting.meet;
import static io.github.dl4jnorm.internal.kernel.Waiting.processorMillis;
import static io.github.dl4jnorm.internal.kernel.Waiting.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What helpers are between calls: how long they look for work, and what they keep in memory. */
class WorkersThreadTest {
    private static final InheritableThreadLocal<Object> INHERITED = new InheritableThreadLocal<>();

    private final Thread caller = Thread.currentThread();
    private final ClassLoader loaderBefore = caller.getContextClassLoader();
    private final String spinBefore = System.getProperty(Workers.SPIN_PROPERTY);

    @AfterEach
    void restore() {
        INHERITED.remove();
        caller.setContextClassLoader(loaderBefore);
        if (spinBefore == null) {
            System.clearProperty(Workers.SPIN_PROPERTY);
        } else {
            System.setProperty(Workers.SPIN_PROPERTY, spinBefore);
        }
    }

    private Thread helper(Workers workers) {
        return meet(workers, 2).stream()
                .filter(thread -> thread != caller)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void helpersAreDaemonsWithAName() {
        Thread helper = helper(new Workers(2));
        assertTrue(helper.isDaemon());
        assertEquals("dl4jnorm-1", helper.getName());
    }

    @Test
    void helpersHaveNothingOfTheCaller() {
        INHERITED.set("of the caller");
        caller.setContextClassLoader(new OtherLoader());
        Workers workers = new Workers(2);
        AtomicBoolean helped = new AtomicBoolean();
        workers.run(2, () -> task -> {
            if (Thread.currentThread() != caller) {
                assertNull(INHERITED.get());
                assertSame(
                        Workers.class.getClassLoader(), Thread.currentThread().getContextClassLoader());
                helped.set(true);
            }
            until(helped::get);
        });
    }

    /** Stands between others on the stack. */
    public static final class Passage implements Consumer<Runnable> {
        @Override
        public void accept(Runnable next) {
            next.run();
        }
    }

    /** Has a {@link Passage} of its own. */
    private static final class OtherLoader extends ClassLoader {
        @SuppressWarnings("unchecked")
        Consumer<Runnable> passage() throws IOException, ReflectiveOperationException {
            String name = Passage.class.getName();
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] code = in.readAllBytes();
                return (Consumer<Runnable>)
                        defineClass(name, code, 0, code.length).getConstructor().newInstance();
            }
        }
    }

    private WeakReference<ClassLoader> startFromAnotherLoader(Workers workers) throws Exception {
        OtherLoader loader = new OtherLoader();
        caller.setContextClassLoader(loader);
        loader.passage().accept(() -> meet(workers, 2));
        caller.setContextClassLoader(loaderBefore);
        return new WeakReference<>(loader);
    }

    @Test
    void noClassLoaderOfACallerStaysInMemory() throws Exception {
        Workers workers = new Workers(2);
        WeakReference<ClassLoader> loader = startFromAnotherLoader(workers);
        Thread helper = helper(workers);
        untilCollected(loader);
        assertSame(helper, helper(workers));
    }

    private static void untilCollected(WeakReference<?> object) {
        until(() -> {
            System.gc();
            return object.get() == null;
        });
    }

    private static WeakReference<Object> run(Workers workers) {
        Object ofTheCall = new Object();
        workers.run(10, () -> task -> ofTheCall.hashCode());
        return new WeakReference<>(ofTheCall);
    }

    @Test
    void nothingOfACallStaysInMemory() {
        Workers workers = new Workers(2);
        Thread helper = helper(workers);
        untilCollected(run(workers));
        assertSame(helper, helper(workers));
    }

    /** A call that a busy helper did not come to. */
    @Test
    void nothingOfACallWithoutHelpStaysInMemory() throws InterruptedException {
        Workers workers = new Workers(2);
        AtomicBoolean end = new AtomicBoolean();
        AtomicBoolean busy = new AtomicBoolean();
        Thread other = new Thread(() -> workers.run(2, () -> task -> {
            busy.compareAndSet(false, Thread.currentThread().getName().equals("dl4jnorm-1"));
            until(end::get);
        }));
        other.start();
        until(busy::get);
        untilCollected(run(workers));
        end.set(true);
        other.join();
    }

    @Test
    void helpersLookForWorkAsLongAsThePropertySays() {
        System.setProperty(Workers.SPIN_PROPERTY, "200000");
        Thread helper = helper(new Workers(2));
        until(() -> helper.getState() == Thread.State.TIMED_WAITING);
        assertTrue(processorMillis(helper) > 20, () -> processorMillis(helper) + " ms on a processor");
    }

    @Test
    void anInterruptIsNotForTheNextCall() {
        // Without sleep in between, which would end it too.
        System.setProperty(Workers.SPIN_PROPERTY, "300000");
        Workers workers = new Workers(2);
        AtomicInteger helped = new AtomicInteger();
        for (int call = 1; call <= 2; call++) {
            int calls = call;
            workers.run(2, () -> {
                if (Thread.currentThread() != caller) {
                    assertFalse(Thread.currentThread().isInterrupted());
                    Thread.currentThread().interrupt();
                    helped.incrementAndGet();
                }
                return task -> until(() -> helped.get() == calls);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "100"})
    void helpersThatFoundNoneSleep(String micros) {
        System.setProperty(Workers.SPIN_PROPERTY, micros);
        assertSleeps(helper(new Workers(2)));
    }

    /** Whatever it was about to do: to look, to sleep or to end. */
    @ParameterizedTest
    @ValueSource(longs = {0, 10_000, 30_000_000_000L})
    void aHelperComesToEveryCall(long idleNanos) {
        System.setProperty(Workers.SPIN_PROPERTY, "0");
        Workers workers = new Workers(2, Workers::newThread, idleNanos);
        for (int call = 0; call < 1000; call++) {
            assertEquals(2, meet(workers, 2).size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1000000", "0.5", "fast"})
    void refusesWhatIsNoTime(String micros) {
        System.setProperty(Workers.SPIN_PROPERTY, micros);
        assertEquals(
                "System property dl4jnorm.spinMicros: expected a number from 0 to 999999, got \"" + micros + "\"",
                assertThrows(IllegalStateException.class, () -> new Workers(2)).getMessage());
    }

    @Test
    void idleHelpersEndAndOthersAreStarted() {
        Workers workers = new Workers(2, Workers::newThread, TimeUnit.MILLISECONDS.toNanos(1));
        Thread first = helper(workers);
        until(() -> !first.isAlive());
        assertFalse(helper(workers) == first);
    }
}
