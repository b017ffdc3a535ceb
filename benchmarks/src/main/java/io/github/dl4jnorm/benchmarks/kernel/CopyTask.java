package io.github.dl4jnorm.benchmarks.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Copies of arrays of the workload's size, on as many threads as the contenders have. A forward pass moves two arrays
 * (x in, y out), a backward pass three (x and dy in, dx out); a copy of half an array moves one.
 */
final class CopyTask extends KernelTask {
    /** Below this the copy stays on the calling thread, where it is faster. */
    private static final int SMALL = 1 << 18;

    private final ExecutorService pool;
    private final List<Callable<Void>> one = new ArrayList<>();
    private final List<Callable<Void>> half = new ArrayList<>();

    CopyTask(Problem problem) {
        super(problem);
        int threads = problem.threads();
        int bytes = Math.toIntExact((long) problem.x().length * Float.BYTES);
        ByteBuffer from = ByteBuffer.allocateDirect(bytes);
        ByteBuffer to = ByteBuffer.allocateDirect(bytes);
        int parts = bytes < SMALL ? 1 : threads;
        pool = parts == 1 ? null : Executors.newFixedThreadPool(parts, CopyTask::daemon);
        for (int part = 0; part < parts; part++) {
            int begin = (int) ((long) bytes * part / parts);
            int length = (int) ((long) bytes * (part + 1) / parts) - begin;
            one.add(copy(from, to, begin, length));
            half.add(copy(from, to, begin, length / 2));
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "copy");
        thread.setDaemon(true);
        return thread;
    }

    private static Callable<Void> copy(ByteBuffer from, ByteBuffer to, int begin, int length) {
        return () -> {
            to.put(begin, from, begin, length);
            return null;
        };
    }

    private void run(List<Callable<Void>> copies) {
        try {
            if (pool == null) {
                copies.get(0).call();
                return;
            }
            for (Future<Void> copy : pool.invokeAll(copies)) {
                copy.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (Exception e) {
            throw new IllegalStateException("a copy failed", e);
        }
    }

    @Override
    void forward() {
        run(one);
    }

    @Override
    void backward() {
        run(one);
        run(half);
    }

    @Override
    Optional<Results> results() {
        return Optional.empty();
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.shutdownNow();
        }
    }
}
