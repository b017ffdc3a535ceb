package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Task;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A network of the model zoo, changed or not, and a batch for it. */
final class ZooTask implements Task {
    private final ComputationGraph network;
    private final DataSet batch;

    ZooTask(ZooModel model, Change change) {
        network = change.apply(model.create());
        INDArray images = Nd4j.rand(DataType.FLOAT, model.images());
        long[] shape = network.outputSingle(images).shape();
        INDArray labels = Nd4j.zeros(DataType.FLOAT, shape);
        for (int i = 0; i < shape[0]; i++) {
            labels.putScalar(i, i % shape[1], 1);
        }
        batch = new DataSet(images, labels);
    }

    @Override
    public void call(Phase phase) {
        switch (phase) {
            case STEP -> network.fit(batch);
            case INFERENCE -> network.outputSingle(batch.getFeatures());
            default -> throw new IllegalArgumentException("a network has no " + phase.title());
        }
    }
}
