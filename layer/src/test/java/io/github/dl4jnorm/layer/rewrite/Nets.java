package io.github.dl4jnorm.layer.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Small networks of either kind, data for them, and comparisons. */
final class Nets {
    static final int CHANNELS = 3;
    static final int SIZE = 6;
    static final int CLASSES = 4;
    static final InputType IMAGES = InputType.convolutional(SIZE, SIZE, CHANNELS);

    private Nets() {}

    /** Double, tanh, and Adam, whose state must not be mixed up. */
    static NeuralNetConfiguration.Builder base() {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.DOUBLE)
                .activation(Activation.TANH)
                .updater(new Adam(1e-2));
    }

    static Layer convolution(int channels) {
        return new ConvolutionLayer.Builder(3, 3).nOut(channels).build();
    }

    static Layer output() {
        return new OutputLayer.Builder()
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    static MultiLayerNetwork chain(NeuralNetConfiguration.Builder base, InputType type, List<Layer> layers) {
        ListBuilder list = base.list();
        layers.forEach(list::layer);
        MultiLayerNetwork network =
                new MultiLayerNetwork(list.setInputType(type).build());
        network.init();
        return network;
    }

    /** The same chain as a graph, with names that have DL4J's separator in them. */
    static ComputationGraph graph(NeuralNetConfiguration.Builder base, InputType type, List<Layer> layers) {
        GraphBuilder builder = base.graphBuilder().addInputs("in").setInputTypes(type);
        String below = "in";
        for (int i = 0; i < layers.size(); i++) {
            String name = "the_layer_" + i;
            builder.addLayer(name, layers.get(i), below);
            below = name;
        }
        ComputationGraph graph = new ComputationGraph(builder.setOutputs(below).build());
        graph.init();
        return graph;
    }

    /** Random values with another mean and spread per channel of NCHW or feed-forward data, and one-hot labels. */
    static DataSet data(int seed, DataType type, long... shape) {
        // Not 0, which ND4J takes for "any".
        Nd4j.getRandom().setSeed(1000 + seed);
        INDArray x = Nd4j.randn(type, shape).muli(1.5).addi(0.7);
        INDArray labels = Nd4j.zeros(type, shape[0], CLASSES);
        for (int i = 0; i < shape[0]; i++) {
            labels.putScalar(i, (i * 7 + seed) % CLASSES, 1);
        }
        return new DataSet(x, labels);
    }

    static DataSet images(int seed) {
        return data(seed, DataType.DOUBLE, 8, CHANNELS, SIZE, SIZE);
    }

    /** Values that differ, relative to the largest of them or to 1, by no more than a tolerance. */
    static void assertClose(String what, INDArray expected, INDArray actual, double tolerance) {
        double[] wanted = doubles(expected);
        double scale = Math.max(1, expected.castTo(DataType.DOUBLE).amaxNumber().doubleValue());
        assertArrayEquals(wanted, doubles(actual), tolerance * scale, what);
    }

    static double[] doubles(INDArray array) {
        return array.dup('c').reshape(array.length()).castTo(DataType.DOUBLE).toDoubleVector();
    }

    /** The same parameters; of the variance, in whatever form, the same value. */
    static void assertSameParameters(Map<String, INDArray> expected, Map<String, INDArray> actual, double tolerance) {
        assertEquals(expected.size(), actual.size());
        expected.forEach((key, value) -> {
            String variance = key.replace("log10stdev", "var");
            assertClose(key, asVariance(key, value), asVariance(variance(actual, key, variance), actual), tolerance);
        });
    }

    private static String variance(Map<String, INDArray> table, String key, String variance) {
        return table.containsKey(key) ? key : variance;
    }

    private static INDArray asVariance(String key, Map<String, INDArray> table) {
        return asVariance(key, table.get(key));
    }

    private static INDArray asVariance(String key, INDArray value) {
        if (!key.endsWith("log10stdev")) {
            return value;
        }
        double[] variances = doubles(value);
        for (int i = 0; i < variances.length; i++) {
            variances[i] = Math.pow(10, 2 * variances[i]);
        }
        return Nd4j.createFromArray(variances);
    }
}
