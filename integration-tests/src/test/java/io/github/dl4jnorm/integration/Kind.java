package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Samples;
import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The kinds of activations that a normalization layer sees, and small layers of DL4J's own to put around it.
 *
 * <p>All activations of hidden layers are smooth, for finite differences, and positive, so that no sum over them is near
 * zero.
 */
enum Kind {
    FEED_FORWARD,
    RNN_NCW,
    RNN_NWC,
    CNN_NCHW,
    CNN_NHWC,
    CNN_FLAT,
    CNN_3D_NCDHW,
    CNN_3D_NDHWC;

    /** Channels, or features, of the data and of all hidden layers. */
    static final int CHANNELS = 4;

    /** Examples in a batch. */
    static final int EXAMPLES = 3;

    /** Time steps. */
    static final int STEPS = 4;

    private static final int DEPTH = 2;
    private static final int HEIGHT = 3;
    private static final int WIDTH = 2;
    private static final int CLASSES = 2;

    boolean isRecurrent() {
        return this == RNN_NCW || this == RNN_NWC;
    }

    private boolean isImage() {
        return this == CNN_NCHW || this == CNN_NHWC || this == CNN_FLAT;
    }

    InputType inputType() {
        return switch (this) {
            case FEED_FORWARD -> InputType.feedForward(CHANNELS);
            case RNN_NCW, RNN_NWC -> InputType.recurrent(CHANNELS, STEPS, rnnFormat());
            case CNN_NCHW, CNN_NHWC -> InputType.convolutional(HEIGHT, WIDTH, CHANNELS, cnnFormat());
            case CNN_FLAT -> InputType.convolutionalFlat(HEIGHT, WIDTH, CHANNELS);
            case CNN_3D_NCDHW, CNN_3D_NDHWC -> InputType.convolutional3D(cnn3dFormat(), DEPTH, 1, WIDTH, CHANNELS);
        };
    }

    private long[] shape(long examples) {
        return switch (this) {
            case FEED_FORWARD -> new long[] {examples, CHANNELS};
            case RNN_NCW -> new long[] {examples, CHANNELS, STEPS};
            case RNN_NWC -> new long[] {examples, STEPS, CHANNELS};
            case CNN_NCHW -> new long[] {examples, CHANNELS, HEIGHT, WIDTH};
            case CNN_NHWC -> new long[] {examples, HEIGHT, WIDTH, CHANNELS};
            case CNN_FLAT -> new long[] {examples, CHANNELS * HEIGHT * WIDTH};
            case CNN_3D_NCDHW -> new long[] {examples, CHANNELS, DEPTH, 1, WIDTH};
            case CNN_3D_NDHWC -> new long[] {examples, DEPTH, 1, WIDTH, CHANNELS};
        };
    }

    private RNNFormat rnnFormat() {
        return this == RNN_NWC ? RNNFormat.NWC : RNNFormat.NCW;
    }

    private CNN2DFormat cnnFormat() {
        return this == CNN_NHWC ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
    }

    private Convolution3D.DataFormat cnn3dFormat() {
        return this == CNN_3D_NDHWC ? Convolution3D.DataFormat.NDHWC : Convolution3D.DataFormat.NCDHW;
    }

    /** The axis of the channels in activations; images of {@link #CNN_FLAT} have become NCHW. */
    int channelAxis() {
        return switch (this) {
            case RNN_NWC -> 2;
            case CNN_NHWC -> 3;
            case CNN_3D_NDHWC -> 4;
            default -> 1;
        };
    }

    /** The rank of activations; images of {@link #CNN_FLAT} have become NCHW. */
    int rank() {
        return this == CNN_FLAT ? 4 : shape(1).length;
    }

    /** A layer of DL4J that makes activations of this kind from others: strided and permuted views, and 'f' order. */
    Layer hidden() {
        if (isRecurrent()) {
            return new SimpleRnn.Builder()
                    .nOut(CHANNELS)
                    .activation(Activation.SOFTPLUS)
                    .dataFormat(rnnFormat())
                    .build();
        }
        if (isImage()) {
            return new ConvolutionLayer.Builder(2, 2)
                    .nOut(CHANNELS)
                    .activation(Activation.SOFTPLUS)
                    .dataFormat(cnnFormat())
                    .convolutionMode(ConvolutionMode.Same)
                    .build();
        }
        if (this == FEED_FORWARD) {
            return new DenseLayer.Builder()
                    .nOut(CHANNELS)
                    .activation(Activation.SOFTPLUS)
                    .build();
        }
        // In other modes than Same, DL4J reports NDHWC whatever the format is.
        return new Convolution3D.Builder(2, 1, 1)
                .nOut(CHANNELS)
                .activation(Activation.SOFTPLUS)
                .dataFormat(cnn3dFormat())
                .convolutionMode(ConvolutionMode.Same)
                .build();
    }

    /** The output layer. */
    Layer output() {
        if (isRecurrent()) {
            return new RnnOutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(CLASSES)
                    .activation(Activation.SOFTMAX)
                    .dataFormat(rnnFormat())
                    .build();
        }
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    /**
     * A batch of random data.
     *
     * @param layout how the features lie in memory
     * @param seed which batch
     */
    DataSet data(Layout layout, long seed) {
        return data(DataType.DOUBLE, layout, EXAMPLES, seed);
    }

    /** A batch of random data of a type. */
    DataSet data(DataType type, Layout layout, int examples, long seed) {
        long[] shape = shape(examples);
        INDArray features = layout.create(type, shape, Samples.mostlyPositive(seed, Doubles.length(shape)));
        return new DataSet(features, labels(type, examples, seed));
    }

    private INDArray labels(DataType type, int examples, long seed) {
        long[] shape = isRecurrent() ? shape(examples) : new long[] {examples, CLASSES};
        int classAxis = this == RNN_NWC ? 2 : 1;
        shape[classAxis] = CLASSES;
        INDArray labels = Nd4j.zeros(type, shape);
        INDArray classesLast = isRecurrent() && classAxis == 1 ? labels.permute(0, 2, 1) : labels;
        Random random = new Random(seed);
        for (int row = 0; row < examples; row++) {
            for (int step = 0; step < (isRecurrent() ? STEPS : 1); step++) {
                int label = random.nextInt(CLASSES);
                if (isRecurrent()) {
                    classesLast.putScalar(row, step, label, 1);
                } else {
                    labels.putScalar(row, label, 1);
                }
            }
        }
        return labels;
    }
}
