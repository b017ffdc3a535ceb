package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Task;

/** A training step. */
final class StepTask implements Task {
    private final Runnable training;

    StepTask(Step step) {
        training = step.training();
    }

    @Override
    public void call(Phase phase) {
        training.run();
    }
}
