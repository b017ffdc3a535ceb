package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.benchmarks.measure.Task;
import java.util.List;
import java.util.Optional;

/** Makes tasks in the process of a worker. */
public final class NetworkTasks {
    private NetworkTasks() {}

    /**
     * Makes a task.
     *
     * @param words "step" and which, "zoo", the model and what to change, or "next"
     * @return a task
     */
    public static Optional<Task> of(List<String> words) {
        return Optional.of(
                switch (words.get(0)) {
                    case "step" -> new StepTask(Step.valueOf(words.get(1)));
                    case "zoo" -> new ZooTask(ZooModel.valueOf(words.get(1)), Change.valueOf(words.get(2)));
                    case "next" -> new NextTask();
                    default -> throw new IllegalArgumentException("no task " + words);
                });
    }
}
