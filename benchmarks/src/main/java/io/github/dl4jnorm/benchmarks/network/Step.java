package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.SDNorm;
import io.github.dl4jnorm.layer.BatchNorm;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * Whole training steps: a CNN of three blocks on 64 images of 3×32×32, and the gradients of a SameDiff graph of one
 * BatchNorm on [64,64,28,28].
 */
public enum Step {
    /** A DL4J CNN without normalization. */
    CNN_NONE("CNN without norm"),
    /** A DL4J CNN with the built-in layer. */
    CNN_BUILTIN("CNN, built-in BN"),
    /** A DL4J CNN with ours. */
    CNN_OURS("CNN, our BN"),
    /** The same, with the rectifier of each block applied by the BatchNorm itself. */
    CNN_FUSED("CNN, our BN with ReLU"),
    /** SameDiff, the same gradients without normalization. */
    SAMEDIFF_NONE("SameDiff without norm"),
    /** SameDiff, BatchNorm composed of primitive ops. */
    SAMEDIFF_COMPOSED("SameDiff, composed BN"),
    /** SameDiff, ours. */
    SAMEDIFF_OURS("SameDiff, our BN");

    private final String title;

    Step(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Whether it is a step of the CNN, not of SameDiff. */
    boolean isCnn() {
        return this == CNN_NONE || this == CNN_BUILTIN || this == CNN_OURS || this == CNN_FUSED;
    }

    /** The network with its data, ready for a step. */
    Runnable training() {
        return switch (this) {
            case CNN_NONE -> cnn(() -> List.of(relu()));
            case CNN_BUILTIN -> cnn(() -> List.of(new BatchNormalization(), relu()));
            case CNN_OURS -> cnn(() -> List.of(new BatchNorm.Builder().build(), relu()));
            case CNN_FUSED ->
                cnn(() -> List.of(
                        new BatchNorm.Builder().activation(Activation.RELU).build()));
            case SAMEDIFF_NONE -> sameDiff((sd, x) -> x);
            case SAMEDIFF_COMPOSED -> sameDiff(Step::composed);
            case SAMEDIFF_OURS -> sameDiff((sd, x) -> new SDNorm(sd).batchNorm("bn", x, 64, 1));
        };
    }

    private static Layer relu() {
        return new ActivationLayer(Activation.RELU);
    }

    /** @param behindConvolution the layers between a convolution and its pooling */
    private static Runnable cnn(Supplier<List<Layer>> behindConvolution) {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.01))
                .weightInit(WeightInit.RELU)
                .list();
        for (int channels : new int[] {32, 64, 128}) {
            layers.layer(new ConvolutionLayer.Builder(3, 3)
                    .padding(1, 1)
                    .nOut(channels)
                    .activation(Activation.IDENTITY)
                    .build());
            behindConvolution.get().forEach(layers::layer);
            layers.layer(
                    new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build());
        }
        layers.layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(10)
                .build());
        layers.setInputType(InputType.convolutional(32, 32, 3));
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        INDArray images = Nd4j.rand(DataType.FLOAT, 64, 3, 32, 32);
        INDArray labels = Nd4j.eye(10).castTo(DataType.FLOAT).repeat(0, 7).get(NDArrayIndex.interval(0, 64));
        DataSet batch = new DataSet(images, labels.dup());
        return () -> network.fit(batch);
    }

    private interface Norm {
        SDVariable of(SameDiff sd, SDVariable x);
    }

    private static SDVariable composed(SameDiff sd, SDVariable x) {
        SDVariable gamma = sd.var("gamma", Nd4j.ones(1, 64, 1, 1));
        SDVariable beta = sd.var("beta", Nd4j.zeros(1, 64, 1, 1));
        SDVariable centred = x.sub(x.mean(true, 0, 2, 3));
        SDVariable variance = centred.mul(centred).mean(true, 0, 2, 3);
        return centred.div(sd.math().sqrt(variance.add(SDNorm.DEFAULT_EPS)))
                .mul(gamma)
                .add(beta);
    }

    /** Loss and gradients of Σ y·dy by x, gamma and beta. */
    private static Runnable sameDiff(Norm norm) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", Nd4j.randn(DataType.FLOAT, 64, 64, 28, 28));
        SDVariable dy = sd.constant("dy", Nd4j.randn(DataType.FLOAT, 64, 64, 28, 28));
        norm.of(sd, x).mul(dy).sum("loss").markAsLoss();
        List<String> wanted = sd.variables().stream()
                .filter(v -> v.getVariableType() == VariableType.VARIABLE)
                .map(SDVariable::name)
                .toList();
        return () -> sd.calculateGradients(Map.of(), wanted);
    }
}
