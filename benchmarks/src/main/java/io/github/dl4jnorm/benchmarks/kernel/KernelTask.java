package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Task;
import java.util.Optional;

/** A normalization by one contender. Its inputs live until the comparison of the results only. */
abstract class KernelTask implements Task {
    private Problem problem;

    KernelTask(Problem problem) {
        this.problem = problem;
    }

    /** The forward pass. */
    abstract void forward();

    /** The backward pass, after at least one forward pass. */
    abstract void backward();

    /** The results of the last passes; nothing if there are none to compare. */
    abstract Optional<Results> results();

    @Override
    public final void call(Phase phase) {
        switch (phase) {
            case FORWARD -> forward();
            case BACKWARD -> backward();
            case BOTH -> {
                forward();
                backward();
            }
            default -> throw new IllegalArgumentException("a normalization has no " + phase.title());
        }
    }

    @Override
    public final double[] errors() {
        call(Phase.BOTH);
        double[] errors = results().map(new Reference(problem)::errors).orElse(new double[0]);
        problem = null;
        return errors;
    }
}
