package io.github.dl4jnorm.benchmarks;

import io.github.dl4jnorm.benchmarks.kernel.KernelTasks;
import io.github.dl4jnorm.benchmarks.measure.Task;
import io.github.dl4jnorm.benchmarks.measure.WorkerLoop;
import io.github.dl4jnorm.benchmarks.network.NetworkTasks;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The process of a contender. */
public final class WorkerMain {
    private WorkerMain() {}

    /**
     * Serves requests.
     *
     * @param arguments none
     * @throws IOException if the input cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        WorkerLoop.serve(WorkerMain::task);
        System.exit(0);
    }

    private static Optional<Task> task(List<String> words) {
        return switch (words.get(0)) {
            case "kernel" -> KernelTasks.of(words.subList(1, words.size()));
            case "network" -> NetworkTasks.of(words.subList(1, words.size()));
            default -> throw new IllegalArgumentException("no tasks of kind " + words.get(0));
        };
    }
}
