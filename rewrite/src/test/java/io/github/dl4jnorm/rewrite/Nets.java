package io.github.dl4jnorm.rewrite;

import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Sensitivity;
import io.github.dl4jnorm.testing.Sensitivity.Rounding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
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
    static final int EXAMPLES = 8;
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

    /** A chain of layers as either kind of network. */
    static Model build(Type type, NeuralNetConfiguration.Builder base, InputType input, List<Layer> layers) {
        return type == Type.GRAPH ? graph(base, input, layers) : chain(base, input, layers);
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
        return data(seed, DataType.DOUBLE, EXAMPLES, CHANNELS, SIZE, SIZE);
    }

    /** The same output, up to rounding: within what the original makes of rounded parameters and data. */
    static void assertSameOutput(Model original, Model other, INDArray... inputs) {
        sensitivity(original, rounding -> outputs(original, rounding, inputs))
                .assertClose(outputs(other, Rounding.NONE, inputs));
    }

    /** The same parameters, up to rounding; of the variance, in whatever form, the same value. */
    static void assertSameParameters(Model original, Model other) {
        sensitivity(original, rounding -> parameters(original)).assertClose(parameters(other));
    }

    /** The same parameters and output after training, up to rounding in every step. Trains the other only. */
    static void assertTrainsTheSame(Model original, Model other, List<DataSet> batches, INDArray x) {
        sensitivity(original, rounding -> trained(original, rounding, batches, x))
                .assertClose(trained(other, Rounding.NONE, batches, x));
    }

    private static Sensitivity sensitivity(Model network, Sensitivity.Computation computation) {
        long sum = Math.max(Sensitivity.longestSum(network.paramTable().values()), (long) EXAMPLES * SIZE * SIZE);
        return Sensitivity.of(
                network.params().dataType(),
                sum,
                rounding -> Models.withRoundedState(network, rounding, () -> computation.results(rounding)));
    }

    private static Map<String, INDArray> outputs(Model network, Rounding rounding, INDArray... inputs) {
        Map<String, INDArray> outputs = new HashMap<>();
        for (INDArray x : inputs) {
            for (INDArray output : Models.outputs(network, rounding.of(x))) {
                outputs.put("output " + outputs.size(), output.dup());
            }
        }
        return outputs;
    }

    private static Map<String, INDArray> parameters(Model network) {
        Map<String, INDArray> parameters = new HashMap<>();
        network.paramTable()
                .forEach((key, value) -> parameters.put(key.replace("log10stdev", "var"), asVariance(key, value)));
        return parameters;
    }

    private static Map<String, INDArray> trained(Model network, Rounding rounding, List<DataSet> batches, INDArray x) {
        for (DataSet batch : batches) {
            rounding.in(network.params());
            Models.fit(network, new DataSet(rounding.of(batch.getFeatures()), batch.getLabels()));
        }
        Map<String, INDArray> results = parameters(network);
        results.putAll(outputs(network, rounding, x));
        return results;
    }

    static double[] doubles(INDArray array) {
        return array.dup('c').reshape(array.length()).castTo(DataType.DOUBLE).toDoubleVector();
    }

    private static INDArray asVariance(String key, INDArray value) {
        if (!key.endsWith("log10stdev")) {
            return value.dup();
        }
        double[] variances = doubles(value);
        for (int i = 0; i < variances.length; i++) {
            variances[i] = Math.pow(10, 2 * variances[i]);
        }
        return Nd4j.createFromArray(variances).reshape(value.shape()).castTo(value.dataType());
    }
}
