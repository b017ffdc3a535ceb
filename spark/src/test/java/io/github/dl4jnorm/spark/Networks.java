package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.layer.LayerNorm;
import io.github.dl4jnorm.layer.SumNorm;
import io.github.dl4jnorm.testing.Doubles;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
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
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A small network with all our layers, a BatchNorm at its bottom, as either of DL4J's kinds, and batches for it. */
final class Networks {
    /** Examples in a batch. */
    static final int EXAMPLES = 6;

    /** Channels of the images. */
    static final int CHANNELS = 2;

    /** Height and width of the images. */
    static final int SIZE = 5;

    /** Decay of all BatchNorms. */
    static final double DECAY = 0.7;

    private static final int CLASSES = 3;
    private static final InputType IMAGES = InputType.convolutional(SIZE, SIZE, CHANNELS);

    /** DL4J's kinds of networks. */
    enum Type {
        MULTI_LAYER,
        GRAPH
    }

    private Networks() {}

    static Model create(Type type, DataType dataType) {
        return type == Type.GRAPH ? graph(dataType) : multiLayer(dataType);
    }

    static MultiLayerNetwork multiLayer(DataType dataType) {
        ListBuilder list = configuration(dataType).list();
        layers().forEach(list::layer);
        MultiLayerNetwork net = new MultiLayerNetwork(list.setInputType(IMAGES).build());
        net.init();
        return net;
    }

    static ComputationGraph graph(DataType dataType) {
        GraphBuilder graph =
                configuration(dataType).graphBuilder().addInputs("in").setInputTypes(IMAGES);
        String last = "in";
        for (Layer layer : layers()) {
            String name = "after-" + last;
            graph.addLayer(name, layer, last);
            last = name;
        }
        ComputationGraph net = new ComputationGraph(graph.setOutputs(last).build());
        net.init();
        return net;
    }

    private static NeuralNetConfiguration.Builder configuration(DataType dataType) {
        return new NeuralNetConfiguration.Builder()
                .seed(12345)
                .dataType(dataType)
                .updater(new Adam(0.01))
                .activation(Activation.IDENTITY);
    }

    private static List<Layer> layers() {
        return List.of(
                new BatchNorm.Builder().decay(DECAY).build(),
                // Padded, and without a bias: else the next BatchNorm would take away the first one's beta, or the
                // bias, and Adam would make steps of the rounding errors in gradients that are zero.
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .hasBias(false)
                        .convolutionMode(ConvolutionMode.Same)
                        .build(),
                new BatchNorm.Builder().decay(DECAY).activation(Activation.RELU).build(),
                new DenseLayer.Builder().nOut(6).build(),
                new LayerNorm.Builder().build(),
                new DenseLayer.Builder().nOut(5).activation(Activation.SOFTPLUS).build(),
                new SumNorm.Builder().build(),
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build());
    }

    /** Batches of random images, each with a mean and a deviation of its own. */
    static List<DataSet> batches(DataType dataType, int count) {
        Random random = new Random(42);
        List<DataSet> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(batch(dataType, random));
        }
        return batches;
    }

    private static DataSet batch(DataType dataType, Random random) {
        double mean = 5 * random.nextGaussian();
        double deviation = 0.5 + random.nextDouble();
        double[] pixels = random.doubles((long) EXAMPLES * CHANNELS * SIZE * SIZE)
                .map(u -> mean + deviation * u)
                .toArray();
        double[] labels = new double[EXAMPLES * CLASSES];
        for (int row = 0; row < EXAMPLES; row++) {
            labels[row * CLASSES + random.nextInt(CLASSES)] = 1;
        }
        INDArray images = Nd4j.createFromArray(pixels).reshape(EXAMPLES, CHANNELS, SIZE, SIZE);
        return new DataSet(
                images.castTo(dataType),
                Nd4j.createFromArray(labels).reshape(EXAMPLES, CLASSES).castTo(dataType));
    }

    static void fit(Model net, DataSet batch) {
        if (net instanceof ComputationGraph graph) {
            graph.fit(batch);
        } else {
            ((MultiLayerNetwork) net).fit(batch);
        }
    }

    static INDArray updaterState(Model net) {
        return net instanceof ComputationGraph graph
                ? graph.getUpdater().getStateViewArray()
                : ((MultiLayerNetwork) net).getUpdater().getStateViewArray();
    }

    /** The BatchNorm that sees the images themselves. */
    static org.deeplearning4j.nn.api.Layer bottom(Model net) {
        return net instanceof ComputationGraph graph ? graph.getLayer(0) : ((MultiLayerNetwork) net).getLayer(0);
    }

    /** Asserts that two networks have the same parameters and the same state of the updater, to the last bit. */
    static void assertIdentical(Model expected, Model actual) {
        assertIdentical(expected.params(), actual.params());
        assertIdentical(updaterState(expected), updaterState(actual));
    }

    /** Asserts that two arrays hold the same numbers, to the last bit. */
    static void assertIdentical(INDArray expected, INDArray actual) {
        assertEquals(expected.dataType(), actual.dataType());
        assertArrayEquals(Doubles.of(expected), Doubles.of(actual));
    }
}
