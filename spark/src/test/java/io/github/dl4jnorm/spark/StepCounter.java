package io.github.dl4jnorm.spark;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Counts the steps of each worker, where all are in this JVM. */
final class StepCounter implements TrainingHook {
    /** Number of steps by partition. */
    static final Map<Integer, Integer> STEPS = new ConcurrentHashMap<>();

    private static final long serialVersionUID = 1;

    @Override
    public void preUpdate(DataSet minibatch, Model model) {
        STEPS.merge(TaskContext.getPartitionId(), 1, Integer::sum);
    }

    @Override
    public void preUpdate(MultiDataSet minibatch, Model model) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void postUpdate(DataSet minibatch, Model model) {}

    @Override
    public void postUpdate(MultiDataSet minibatch, Model model) {}
}
