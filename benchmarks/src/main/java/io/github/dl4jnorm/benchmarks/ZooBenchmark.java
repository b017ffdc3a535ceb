package io.github.dl4jnorm.benchmarks;

import io.github.dl4jnorm.layer.rewrite.BatchNormFolding;
import io.github.dl4jnorm.layer.rewrite.BatchNormReplacement;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A network of DL4J's model zoo as it is, with its batch normalizations replaced, and with them folded. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ZooBenchmark {
    /** What was done with the network. */
    public enum Change {
        /** Nothing: DL4J's BatchNormalization. */
        NONE,
        /** BatchNormReplacement: our BatchNorm. */
        REPLACED,
        /** BatchNormFolding, for inference only. */
        FOLDED;

        ComputationGraph apply(ComputationGraph network) {
            return switch (this) {
                case NONE -> network;
                case REPLACED -> BatchNormReplacement.replace(network).network();
                case FOLDED -> BatchNormFolding.fold(network).network();
            };
        }
    }

    /** The network. */
    @Param
    public ZooModel model;

    /** What was done with it. */
    @Param
    public Change change;

    private ComputationGraph network;
    private DataSet batch;

    /** Called by JMH. */
    public ZooBenchmark() {}

    /** Builds the network and draws a batch. */
    @Setup
    public void prepare() {
        network = change.apply(model.create());
        INDArray images = Nd4j.rand(DataType.FLOAT, model.images());
        long[] shape = network.outputSingle(images).shape();
        INDArray labels = Nd4j.zeros(DataType.FLOAT, shape);
        for (int i = 0; i < shape[0]; i++) {
            labels.putScalar(i, i % shape[1], 1);
        }
        batch = new DataSet(images, labels);
    }

    /** One training step. */
    @Benchmark
    public void training() {
        network.fit(batch);
    }

    /** The outputs of one batch. */
    @Benchmark
    public INDArray inference() {
        return network.outputSingle(batch.getFeatures());
    }
}
