package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Task;
import io.github.dl4jnorm.benchmarks.measure.Worker;
import java.util.List;
import java.util.Optional;

/** Both ends of a request for a normalization. */
public final class KernelTasks {
    private KernelTasks() {}

    /** Asks a worker to prepare a workload. */
    static boolean prepare(Worker worker, Contender contender, Workload workload, Values values, int threads) {
        return worker.prepare("kernel", contender.name(), workload.name(), values.name(), Integer.toString(threads));
    }

    /**
     * Makes a task in the process of a worker.
     *
     * @param words contender, workload, kind of values and number of threads
     * @return a task; nothing if the contender cannot compute it
     */
    public static Optional<Task> of(List<String> words) {
        Problem problem = Problem.of(
                Workload.valueOf(words.get(1)), Values.valueOf(words.get(2)), Integer.parseInt(words.get(3)));
        return Contender.valueOf(words.get(0)).task(problem);
    }
}
