package io.github.dl4jnorm.benchmarks;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A workload with its data, ready to be computed again and again. */
interface Task extends AutoCloseable {
    /** The forward pass. */
    void forward();

    /** The backward pass, after at least one forward pass. */
    void backward();

    @Override
    default void close() {}

    /** Values like activations: of both signs, or positive where sums are divided by. */
    static INDArray input(Workload workload) {
        INDArray x = Nd4j.randn(DataType.FLOAT, workload.shape());
        return workload.kind() == Workload.Kind.SUM ? x.muli(x).addi(0.1) : x;
    }

    /** A gradient that comes from above. */
    static INDArray gradient(Workload workload) {
        return Nd4j.randn(DataType.FLOAT, workload.shape());
    }
}
