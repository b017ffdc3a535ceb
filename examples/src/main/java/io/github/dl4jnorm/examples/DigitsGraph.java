package io.github.dl4jnorm.examples;

import io.github.dl4jnorm.SDNorm;
import io.github.dl4jnorm.digits.DigitImages;
import io.github.dl4jnorm.digits.DigitPainter;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/**
 * A network as a SameDiff graph: two blocks of convolution, BatchNorm and pooling, a dense layer with LayerNorm,
 * softmax.
 */
final class DigitsGraph {
    /** Name of the input, [N,784]. */
    static final String IMAGES = "images";

    /** Name of the one-hot labels, [N,10]. */
    static final String LABELS = "labels";

    /** Name of the logits, [N,10]. */
    static final String LOGITS = "logits";

    /** Name of the class probabilities, [N,10]. */
    static final String PROBABILITIES = "probabilities";

    private static final int CHANNEL_AXIS = 1;
    private static final int KERNEL = 3;
    private static final int HIDDEN = 64;

    private final SameDiff sd = SameDiff.create();
    private final SDNorm norm = new SDNorm(sd);

    private DigitsGraph() {}

    /**
     * Builds the graph, ready for {@code sd.fit}.
     *
     * @param learningRate learning rate of Adam
     * @param seed seed of the weights
     * @return the graph
     */
    static SameDiff create(double learningRate, long seed) {
        Nd4j.getRandom().setSeed(seed);
        DigitsGraph graph = new DigitsGraph();
        graph.build();
        graph.sd.setTrainingConfig(TrainingConfig.builder()
                .updater(new Adam(learningRate))
                .dataSetFeatureMapping(IMAGES)
                .dataSetLabelMapping(LABELS)
                .build());
        return graph.sd;
    }

    private void build() {
        int size = DigitPainter.SIZE;
        SDVariable x = sd.placeHolder(IMAGES, DataType.FLOAT, -1, size * size);
        SDVariable labels = sd.placeHolder(LABELS, DataType.FLOAT, -1, DigitImages.CLASSES);

        x = x.reshape(-1, 1, size, size);
        x = convolutionBlock("block1", x, 1, 8);
        x = convolutionBlock("block2", x, 8, 16);
        int features = 16 * 5 * 5;
        x = dense("hidden", x.reshape(-1, features), features, HIDDEN);
        SDVariable gain = sd.var("hidden/gain", Nd4j.ones(DataType.FLOAT, HIDDEN));
        SDVariable bias = sd.var("hidden/bias", Nd4j.zeros(DataType.FLOAT, HIDDEN));
        x = sd.nn.relu(norm.layerNorm("hidden/norm", x, gain, bias, SDNorm.DEFAULT_EPS, -1), 0);

        SDVariable logits = dense("output", x, HIDDEN, DigitImages.CLASSES)
                .add(LOGITS, sd.var("output/bias", Nd4j.zeros(DataType.FLOAT, DigitImages.CLASSES)));
        sd.nn.softmax(PROBABILITIES, logits, -1);
        sd.loss.softmaxCrossEntropy("loss", labels, logits, null);
        sd.setLossVariables("loss");
    }

    /** Convolution without a bias, which BatchNorm would take away again; BatchNorm; relu; halving by max pooling. */
    private SDVariable convolutionBlock(String name, SDVariable x, int in, int out) {
        SDVariable weights = weights(name + "/weights", KERNEL * KERNEL * in, KERNEL, KERNEL, in, out);
        SDVariable y = sd.cnn.conv2d(
                x,
                weights,
                Conv2DConfig.builder().kH(KERNEL).kW(KERNEL).dataFormat("NCHW").build());
        y = sd.nn.relu(norm.batchNorm(name + "/norm", y, out, CHANNEL_AXIS), 0);
        return sd.cnn.maxPooling2d(
                y, Pooling2DConfig.builder().kH(2).kW(2).sH(2).sW(2).build());
    }

    private SDVariable dense(String name, SDVariable x, int in, int out) {
        return x.mmul(weights(name + "/weights", in, in, out));
    }

    /** Normally distributed, with variance 2/fanIn, as suits relu. */
    private SDVariable weights(String name, int fanIn, long... shape) {
        return sd.var(name, Nd4j.randn(DataType.FLOAT, shape).muli(Math.sqrt(2.0 / fanIn)));
    }
}
