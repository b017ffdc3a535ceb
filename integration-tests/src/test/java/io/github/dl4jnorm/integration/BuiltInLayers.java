package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.layer.check.LayerCheck;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.*;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Every layer of DL4J 1.0.0-M2.1, small, and with the options that make a difference to {@link LayerCheck}. */
final class BuiltInLayers {
    private static final InputType FLAT = InputType.feedForward(3);
    private static final InputType SEQUENCES = InputType.recurrent(2, 3);
    private static final InputType IMAGES = InputType.convolutional(3, 4, 2);
    private static final InputType VOLUMES =
            InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 2, 3, 2, 2);

    private BuiltInLayers() {}

    /** A layer with the input that it is checked with, and the range of its values. */
    record Subject(String name, Layer layer, InputType inputType, double low, double high) {
        Subject(String option, Layer layer, InputType inputType) {
            this(
                    layer.getClass().getSimpleName() + (option.isEmpty() ? "" : ", " + option),
                    layer,
                    inputType,
                    -1,
                    1);
        }

        Subject values(double from, double to) {
            return new Subject(name, layer, inputType, from, to);
        }

        LayerCheck check() {
            return LayerCheck.of(layer, inputType).batch(3).values(low, high);
        }
    }

    private static Subject of(Layer layer, InputType type) {
        return new Subject("", layer, type);
    }

    private static Subject of(String option, Layer layer, InputType type) {
        return new Subject(option, layer, type);
    }

    static List<Subject> all() {
        return Stream.of(feedForward(), recurrent(), images(), volumes(), outputs(), wrappers(), sameDiff())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Subject> feedForward() {
        return List.of(
                of(dense(), FLAT),
                of("dropOut", new DenseLayer.Builder().nOut(4).dropOut(0.5).build(), FLAT),
                of("hasLayerNorm", new DenseLayer.Builder().nOut(4).hasLayerNorm(true).build(), FLAT),
                of("TANH", new ActivationLayer(Activation.TANH), FLAT),
                of("RRELU", new ActivationLayer(Activation.RRELU), FLAT),
                of("SOFTMAX", new ActivationLayer(Activation.SOFTMAX), FLAT),
                of(new DropoutLayer(0.5), FLAT),
                of("AlphaDropout", new DropoutLayer(new AlphaDropout(0.5)), FLAT),
                of("GaussianDropout", new DropoutLayer(new GaussianDropout(0.5)), FLAT),
                of("GaussianNoise", new DropoutLayer(new GaussianNoise(0.5)), FLAT),
                of("SpatialDropout", new DropoutLayer(new SpatialDropout(0.5)), IMAGES),
                of(new BatchNormalization.Builder().build(), FLAT),
                of("useLogStd(false)", new BatchNormalization.Builder().useLogStd(false).build(), FLAT),
                of(
                        "lockGammaBeta, gamma 2",
                        new BatchNormalization.Builder().lockGammaBeta(true).gamma(2).beta(0).build(),
                        FLAT),
                of(new ElementWiseMultiplicationLayer.Builder().nOut(3).build(), FLAT),
                of(new PReLULayer.Builder().inputShape(3).build(), FLAT),
                of(new RepeatVector.Builder<>(3).build(), FLAT),
                of(new EmbeddingLayer.Builder().nOut(3).build(), InputType.feedForward(1)).values(0, 1),
                of(new AutoEncoder.Builder().nOut(2).build(), FLAT),
                of(
                        new VariationalAutoencoder.Builder()
                                .encoderLayerSizes(4)
                                .decoderLayerSizes(4)
                                .nOut(2)
                                .build(),
                        FLAT));
    }

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(4).build();
    }

    private static List<Subject> recurrent() {
        return List.of(
                of(dense(), SEQUENCES),
                of(new BatchNormalization.Builder().build(), SEQUENCES),
                of(new LSTM.Builder().nOut(2).build(), SEQUENCES),
                of(new GravesLSTM.Builder().nOut(2).build(), SEQUENCES),
                of(new GravesBidirectionalLSTM.Builder().nOut(2).build(), SEQUENCES),
                of(new SimpleRnn.Builder().nOut(2).build(), SEQUENCES),
                of("hasLayerNorm", new SimpleRnn.Builder().nOut(2).hasLayerNorm(true).build(), SEQUENCES),
                of(new Convolution1DLayer.Builder(2).nOut(2).build(), SEQUENCES),
                of(new Subsampling1DLayer.Builder(2, 1).build(), SEQUENCES),
                of(new Upsampling1D.Builder(2).build(), SEQUENCES),
                of(new ZeroPadding1DLayer.Builder(1).build(), SEQUENCES),
                of(new Cropping1D.Builder(1).build(), SEQUENCES),
                of(new LocallyConnected1D.Builder().kernelSize(2).nOut(2).build(), SEQUENCES),
                of(new EmbeddingSequenceLayer.Builder().nOut(2).inputLength(4).build(), InputType.feedForward(4)).values(0, 4),
                of(new SelfAttentionLayer.Builder().nOut(2).nHeads(1).projectInput(true).build(), SEQUENCES),
                of(
                        new LearnedSelfAttentionLayer.Builder()
                                .nOut(2)
                                .nHeads(1)
                                .nQueries(2)
                                .projectInput(true)
                                .build(),
                        SEQUENCES),
                of(new RecurrentAttentionLayer.Builder().nOut(2).nHeads(1).projectInput(true).build(), SEQUENCES),
                of("MAX", new GlobalPoolingLayer(PoolingType.MAX), SEQUENCES),
                of("AVG", new GlobalPoolingLayer(PoolingType.AVG), SEQUENCES),
                of("SUM", new GlobalPoolingLayer(PoolingType.SUM), SEQUENCES),
                of("PNORM", new GlobalPoolingLayer(PoolingType.PNORM), SEQUENCES),
                of(new MaskLayer(), SEQUENCES),
                of(new CapsuleLayer.Builder(2, 3).build(), SEQUENCES),
                of(new CapsuleStrengthLayer.Builder().build(), SEQUENCES));
    }

    private static List<Subject> images() {
        return List.of(
                of(new ConvolutionLayer.Builder(2, 2).nOut(3).build(), IMAGES),
                of(new Deconvolution2D.Builder(2, 2).nOut(3).build(), IMAGES),
                of(new DepthwiseConvolution2D.Builder(2, 2).depthMultiplier(2).build(), IMAGES),
                of(new SeparableConvolution2D.Builder(2, 2).nOut(3).build(), IMAGES),
                of(new LocallyConnected2D.Builder().kernelSize(2, 2).nOut(3).build(), IMAGES),
                of("MAX", new SubsamplingLayer.Builder(PoolingType.MAX, new int[] {2, 2}).build(), IMAGES),
                of("AVG", new SubsamplingLayer.Builder(PoolingType.AVG, new int[] {2, 2}).build(), IMAGES),
                of("PNORM", new SubsamplingLayer.Builder(PoolingType.PNORM, new int[] {2, 2}).pnorm(2).build(), IMAGES),
                of(new Upsampling2D.Builder(2).build(), IMAGES),
                of(new ZeroPaddingLayer.Builder(1, 1).build(), IMAGES),
                of(new Cropping2D.Builder(1, 1).build(), IMAGES),
                of(new SpaceToDepthLayer.Builder<>(2, CNN2DFormat()).build(), InputType.convolutional(4, 4, 2)),
                of(new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build(), InputType.convolutional(4, 4, 2)),
                of(new BatchNormalization.Builder().build(), IMAGES),
                of(new LocalResponseNormalization.Builder().build(), InputType.convolutional(2, 3, 4)),
                of(
                        "alpha 1",
                        new LocalResponseNormalization.Builder().alpha(1).build(),
                        InputType.convolutional(2, 3, 4)),
                of("2 channels", new LocalResponseNormalization.Builder().build(), IMAGES),
                of("MAX", new GlobalPoolingLayer(PoolingType.MAX), IMAGES),
                of(new PrimaryCapsules.Builder(2, 3).kernelSize(2, 2).build(), IMAGES));
    }

    private static org.deeplearning4j.nn.conf.CNN2DFormat CNN2DFormat() {
        return org.deeplearning4j.nn.conf.CNN2DFormat.NCHW;
    }

    private static List<Subject> volumes() {
        return List.of(
                of(new Convolution3D.Builder(2, 2, 2).dataFormat(Convolution3D.DataFormat.NCDHW).nOut(3).build(), VOLUMES),
                of(new Deconvolution3D.Builder().kernelSize(2, 2, 2).dataFormat(Convolution3D.DataFormat.NCDHW).nOut(3).build(), VOLUMES),
                of(new Subsampling3DLayer.Builder(2, 2, 2).dataFormat(Convolution3D.DataFormat.NCDHW).build(), VOLUMES),
                of(new Upsampling3D.Builder(2).dataFormat(Convolution3D.DataFormat.NCDHW).build(), VOLUMES),
                of(new ZeroPadding3DLayer.Builder(1).build(), VOLUMES),
                of(new Cropping3D.Builder(0, 1, 0).build(), VOLUMES));
    }

    private static List<Subject> outputs() {
        return List.of(
                of(new OutputLayer.Builder(LossFunction.MSE).nOut(4).build(), FLAT),
                of(new LossLayer.Builder(LossFunction.MSE).build(), FLAT),
                of(new CenterLossOutputLayer.Builder(LossFunction.MSE).nOut(3).build(), FLAT),
                of(new OCNNOutputLayer.Builder().hiddenLayerSize(4).build(), FLAT),
                of(new RnnOutputLayer.Builder(LossFunction.MSE).nOut(4).build(), SEQUENCES),
                of(new RnnLossLayer.Builder(LossFunction.MSE).build(), SEQUENCES),
                of(new CnnLossLayer.Builder(LossFunction.MSE).build(), IMAGES),
                of(new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW).lossFunction(LossFunction.MSE).build(), VOLUMES),
                of(
                        new Yolo2OutputLayer.Builder()
                                .boundingBoxPriors(Nd4j.createFromArray(new double[][] {{1, 2}}))
                                .build(),
                        InputType.convolutional(2, 3, 7)));
    }

    private static List<Subject> wrappers() {
        return List.of(
                of(new FrozenLayer(dense()), FLAT),
                of(new FrozenLayerWithBackprop(dense()), FLAT),
                of("LSTM", new Bidirectional(new LSTM.Builder().nOut(2).build()), SEQUENCES),
                of("LSTM", new LastTimeStep(new LSTM.Builder().nOut(2).build()), SEQUENCES),
                of("LSTM", new MaskZeroLayer(new LSTM.Builder().nOut(2).build(), 0), SEQUENCES),
                of("DenseLayer", new TimeDistributed(dense()), SEQUENCES));
    }

    private static List<Subject> sameDiff() {
        return List.of(
                of(new SameDiffLayers.Affine(3, 4), FLAT),
                of(new SameDiffLayers.Squaring(), FLAT),
                of(new SameDiffLayers.SquaredError(3, 4), FLAT));
    }
}
