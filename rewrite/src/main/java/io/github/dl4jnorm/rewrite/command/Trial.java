package io.github.dl4jnorm.rewrite.command;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Random examples, the same for several models: what these make of them, and how long they take. */
final class Trial {
    private static final int WARM_UP = 3;
    private static final int RUNS = 9;

    private final INDArray[] inputs;
    private final INDArray[] expected;

    /**
     * Draws examples, of numbers between 0 and 1, and keeps the outputs of a model for them.
     *
     * @param shapes shape of an example of each input
     * @param examples their number
     * @param type type of the examples
     * @param model the model whose outputs others are compared with
     */
    Trial(List<long[]> shapes, int examples, DataType type, Model model) {
        inputs = shapes.stream()
                .map(shape -> {
                    long[] batch = new long[shape.length + 1];
                    batch[0] = examples;
                    System.arraycopy(shape, 0, batch, 1, shape.length);
                    return Nd4j.rand(type, batch);
                })
                .toArray(INDArray[]::new);
        expected = outputs(model);
    }

    private INDArray[] outputs(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.output(inputs)
                : new INDArray[] {((MultiLayerNetwork) model).output(inputs[0])};
    }

    /** The largest difference between the outputs of another model and those expected. */
    double difference(Model other) {
        INDArray[] actual = outputs(other);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            INDArray difference = expected[i].castTo(DataType.DOUBLE).sub(actual[i].castTo(DataType.DOUBLE));
            // amax passes over NaN.
            double most = difference.isNaN().any()
                    ? Double.NaN
                    : difference.amaxNumber().doubleValue();
            largest = Math.max(largest, most);
        }
        return largest;
    }

    /** Milliseconds per inference, the median of several. */
    double inference(Model model) {
        return median(() -> outputs(model));
    }

    /**
     * Milliseconds per training step, the median of several, with the model's own output as labels. Trains the model.
     */
    double training(Model model) {
        INDArray[] labels = Arrays.stream(outputs(model)).map(INDArray::dup).toArray(INDArray[]::new);
        if (model instanceof ComputationGraph graph) {
            MultiDataSet data = new MultiDataSet(inputs, labels);
            return median(() -> graph.fit(data));
        }
        return median(() -> ((MultiLayerNetwork) model).fit(inputs[0], labels[0]));
    }

    private static double median(Runnable run) {
        for (int i = 0; i < WARM_UP; i++) {
            run.run();
        }
        double[] times = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            run.run();
            times[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(times);
        return times[RUNS / 2];
    }
}
