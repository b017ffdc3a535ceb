package io.github.dl4jnorm.layer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A kind of input, always with an even number of channels, and the layers that go before and after a normalization layer in a small network for it.
 */
enum Scenario {
    FEED_FORWARD(InputType.feedForward(4), 4),
    NCW(InputType.recurrent(6, 4, RNNFormat.NCW), 6, 4),
    NWC(InputType.recurrent(6, 4, RNNFormat.NWC), 4, 6),
    NCHW(InputType.convolutional(3, 4, 2, CNN2DFormat.NCHW), 2, 3, 4),
    NHWC(InputType.convolutional(3, 4, 2, CNN2DFormat.NHWC), 3, 4, 2),
    FLAT(InputType.convolutionalFlat(3, 4, 2), 24),
    NCDHW(InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 2, 3, 2, 4), 4, 2, 3, 2),
    NDHWC(InputType.convolutional3D(Convolution3D.DataFormat.NDHWC, 2, 3, 2, 4), 2, 3, 2, 4);

    static final int BATCH = 5;
    static final int CLASSES = 3;

    final InputType inputType;
    private final long[] shape;

    Scenario(InputType inputType, long... shape) {
        this.inputType = inputType;
        this.shape = shape;
    }

    /** Whether the channels are the last axis. */
    boolean channelsLast() {
        return this == NWC || this == NHWC || this == NDHWC;
    }

    /** The rank of what a normalization layer gets. */
    int rank() {
        return activations().length;
    }

    /** The shape of what a normalization layer gets, if it is the first. */
    long[] activations() {
        return this == FLAT ? NCHW.batched() : batched();
    }

    int channelAxis() {
        return channelsLast() ? rank() - 1 : 1;
    }

    private long[] batched() {
        return LongStream.concat(LongStream.of(BATCH), Arrays.stream(shape)).toArray();
    }

    boolean recurrent() {
        return this == NCW || this == NWC;
    }

    INDArray features(DataType type, long seed) {
        Nd4j.getRandom().setSeed(seed);
        // Away from zero, so that no sum over channels is near it.
        return Nd4j.rand(DataType.DOUBLE, batched()).addi(0.5).castTo(type);
    }

    INDArray labels(DataType type) {
        if (!recurrent()) {
            INDArray labels = Nd4j.zeros(type, BATCH, CLASSES);
            for (int i = 0; i < BATCH; i++) {
                labels.putScalar(i, i % CLASSES, 1);
            }
            return labels;
        }
        INDArray labels = Nd4j.zeros(type, BATCH, CLASSES, 4);
        for (int i = 0; i < BATCH; i++) {
            for (int t = 0; t < 4; t++) {
                labels.putScalar(new int[] {i, (i + t) % CLASSES, t}, 1);
            }
        }
        return this == NWC ? labels.permute(0, 2, 1).dup() : labels;
    }

    /** The network's layers, with a normalization layer first or behind another layer. */
    List<Layer> layers(Supplier<? extends Layer> norm, boolean deeper) {
        List<Layer> layers = new ArrayList<>();
        if (deeper) {
            layers.add(before());
        }
        layers.add(norm.get());
        if (this == NCDHW || this == NDHWC || this == NCHW || this == NHWC || this == FLAT) {
            if (!deeper) {
                layers.add(before());
            }
            if (this != NDHWC) { // DL4J pools NDHWC as if it were NCDHW
                layers.add(new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
            }
        }
        layers.add(output());
        return layers;
    }

    private Layer before() {
        return switch (this) {
            case FEED_FORWARD -> new DenseLayer.Builder().nOut(4).build();
            case NCW, NWC -> new SimpleRnn.Builder().nOut(4).build();
            case NCHW, NHWC, FLAT ->
                new ConvolutionLayer.Builder(2, 2)
                        .nOut(6)
                        .convolutionMode(ConvolutionMode.Same)
                        .dataFormat(this == NHWC ? CNN2DFormat.NHWC : CNN2DFormat.NCHW)
                        .build();
            case NCDHW, NDHWC ->
                new Convolution3D.Builder(2, 2, 2)
                        .nOut(4)
                        .convolutionMode(ConvolutionMode.Same)
                        .dataFormat(this == NCDHW ? Convolution3D.DataFormat.NCDHW : Convolution3D.DataFormat.NDHWC)
                        .build();
        };
    }

    private Layer output() {
        return recurrent()
                ? new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nOut(CLASSES)
                        .dataFormat(this == NWC ? RNNFormat.NWC : RNNFormat.NCW)
                        .build()
                : new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nOut(CLASSES)
                        .build();
    }

    /** Small enough steps; without pooling the output layer has an input per position. */
    IUpdater updater() {
        return new Sgd(this == NDHWC ? 0.02 : 0.1);
    }

    static NeuralNetConfiguration.Builder base(DataType type, IUpdater updater) {
        return new NeuralNetConfiguration.Builder()
                .seed(12345)
                .dataType(type)
                .optimizationAlgo(OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT)
                .updater(updater)
                .activation(Activation.SOFTPLUS);
    }

    MultiLayerNetwork network(DataType type, Supplier<? extends Layer> norm, boolean deeper) {
        return network(base(type, updater()), layers(norm, deeper));
    }

    MultiLayerNetwork network(NeuralNetConfiguration.Builder base, List<Layer> layers) {
        NeuralNetConfiguration.ListBuilder list = base.list();
        layers.forEach(list::layer);
        MultiLayerNetwork network =
                new MultiLayerNetwork(list.setInputType(inputType).build());
        network.init();
        return network;
    }

    ComputationGraph graph(DataType type, Supplier<? extends Layer> norm, boolean deeper) {
        return graph(base(type, updater()), layers(norm, deeper));
    }

    ComputationGraph graph(NeuralNetConfiguration.Builder base, List<Layer> layers) {
        ComputationGraphConfiguration.GraphBuilder graph =
                base.graphBuilder().addInputs("in").setInputTypes(inputType);
        String previous = "in";
        for (int i = 0; i < layers.size(); i++) {
            graph.addLayer("layer" + i, layers.get(i), previous);
            previous = "layer" + i;
        }
        ComputationGraph network =
                new ComputationGraph(graph.setOutputs(previous).build());
        network.init();
        return network;
    }
}
