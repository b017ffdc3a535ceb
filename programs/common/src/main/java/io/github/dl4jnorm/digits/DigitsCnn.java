package io.github.dl4jnorm.digits;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The network of the examples: two blocks of convolution, normalization and pooling, a dense one, softmax. */
public final class DigitsCnn {
    private DigitsCnn() {}

    /**
     * Builds the network.
     *
     * @param norm the normalization in each block
     * @param learningRate learning rate of Adam
     * @param seed seed of the weights, which are the same for every normalization
     * @return the network, for rows of 784 pixels
     */
    public static NetworkClassifier create(Norm norm, double learningRate, long seed) {
        MultiLayerNetwork net = new MultiLayerNetwork(configuration(norm, learningRate, seed));
        net.init();
        return new NetworkClassifier(net);
    }

    private static MultiLayerConfiguration configuration(Norm norm, double learningRate, long seed) {
        ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(learningRate))
                .weightInit(WeightInit.RELU)
                .activation(Activation.IDENTITY)
                .list();
        convolutionBlock(layers, 8, norm);
        convolutionBlock(layers, 16, norm);
        layers.layer(new DenseLayer.Builder().nOut(64).build());
        norm.addBeforeOutput(layers);
        layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(DigitImages.CLASSES)
                .activation(Activation.SOFTMAX)
                .build());
        return layers.setInputType(InputType.convolutionalFlat(DigitPainter.SIZE, DigitPainter.SIZE, 1))
                .build();
    }

    private static void convolutionBlock(ListBuilder layers, int channels, Norm norm) {
        layers.layer(new ConvolutionLayer.Builder(3, 3).nOut(channels).build());
        norm.addWithActivation(layers);
        layers.layer(
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build());
    }
}
