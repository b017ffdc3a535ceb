package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.layercheck.Check;
import io.github.dl4jnorm.layercheck.LayerCheck;
import io.github.dl4jnorm.layercheck.LayerCheckReport;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleStrengthLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
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
    private static final InputType IMAGES = InputType.convolutional(3, 3, 2);
    private static final InputType VOLUMES = InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 2, 3, 2, 2);

    private static final String OVERWRITES = "in inference the input is overwritten by the output: in `output(x)` of a"
            + " network whose first layer it is, the user's x; gradients are then those at another point";
    private static final String NO_NOISE =
            "the backward pass wants the noise that only a forward pass in training draws";
    private static final String STATISTICS = "running statistics travel as gradients, through clipping and sharing";
    private static final String TRAINING_FORMULA = "the formula of training, which is what a frozen layer passes on";
    private static final String IGNORES_MASK = "ignored: what is masked enters the statistics";
    private static final String INPUT_WORKSPACE =
            "copies into the workspace INPUT, which a ComputationGraph has not opened for an output";
    private static final String NO_REPORT = "`getMemoryReport` returns null";
    private static final String EMPTY_REPORT = "the report is empty";
    private static final String FOR_CNN = "inherited from the layer for images, and casts the input type to theirs";
    private static final String DOUBLED =
            "doubled: ExternalErrorsFunction enters the gradient that arrives, and SameDiff adds it once more";
    private static final String READS_BEHIND =
            "a window over the end of a sequence reads behind the mask, and its output is called visible";
    private static final String NDHWC = "always announces NDHWC";
    private static final String FORGETS_PARAMETERS =
            "leaves out parameters: `numParams(Layer)` is inherited, and only `numParams(conf)` counts all";
    private static final String INNER_REPORT = "the report of the layer inside, for the input or output of the wrapper";
    private static final String NO_WORKING_MEMORY = "built without working memory; reading it throws";
    private static final String ANNOUNCES_SEQUENCE = "announces a sequence for what is [N, C]";

    private BuiltInLayers() {}

    /**
     * A layer, and what is known of it.
     *
     * @param name its class, and the option that it stands for
     * @param layer its configuration
     * @param inputType the input that it is checked with
     * @param low least input value
     * @param high greatest input value
     * @param reasons why the checks fail that do, read in DL4J's source; several checks may share one reason
     */
    record Subject(String name, Layer layer, InputType inputType, double low, double high, Map<Check, String> reasons) {

        Subject values(double from, double to) {
            return new Subject(name, layer, inputType, from, to, reasons);
        }

        /** With another name. */
        Subject named(String other) {
            return new Subject(other, layer, inputType, low, high, reasons);
        }

        /** Adds that checks fail, and why. */
        Subject fails(String reason, Check... checks) {
            Map<Check, String> all = new EnumMap<>(Check.class);
            all.putAll(reasons);
            for (Check check : checks) {
                all.put(check, reason);
            }
            return new Subject(name, layer, inputType, low, high, all);
        }

        LayerCheckReport report() {
            return LayerCheck.of(layer, inputType).batch(3).values(low, high).run();
        }

        @Override
        public String toString() {
            return name + " on " + inputType;
        }
    }

    private static Subject of(Layer layer, InputType type) {
        return new Subject(layer.getClass().getSimpleName(), layer, type, -1, 1, Map.of());
    }

    private static Subject of(String option, Layer layer, InputType type) {
        return new Subject(layer.getClass().getSimpleName() + ", " + option, layer, type, -1, 1, Map.of());
    }

    static List<Subject> all() {
        return Stream.of(feedForward(), recurrent(), images(), volumes(), outputs(), wrappers(), sameDiff())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Subject> feedForward() {
        return List.of(
                of(dense(), FLAT),
                of("dropOut", new DenseLayer.Builder().nOut(4).dropOut(0.5).build(), FLAT)
                        .fails(
                                "the backward pass applies dropout that the forward pass did not",
                                Check.INFERENCE_PARAMETER_GRADIENT,
                                Check.INFERENCE_INPUT_GRADIENT),
                of(
                        "hasLayerNorm",
                        new DenseLayer.Builder().nOut(4).hasLayerNorm(true).build(),
                        FLAT),
                of("TANH", new ActivationLayer(Activation.TANH), FLAT)
                        .fails(OVERWRITES, Check.UNTOUCHED, Check.INFERENCE_INPUT_GRADIENT),
                of("RRELU", new ActivationLayer(Activation.RRELU), FLAT)
                        .fails(OVERWRITES, Check.UNTOUCHED)
                        .fails(
                                "1 everywhere: the condition is applied to the array of ones, not to the input",
                                Check.INPUT_GRADIENT),
                of("SOFTMAX", new ActivationLayer(Activation.SOFTMAX), FLAT)
                        .fails(OVERWRITES, Check.UNTOUCHED, Check.INFERENCE_INPUT_GRADIENT),
                of(new DropoutLayer(0.5), FLAT).fails(NO_NOISE, Check.INFERENCE_INPUT_GRADIENT),
                of("AlphaDropout", new DropoutLayer(new AlphaDropout(0.5)), FLAT)
                        .fails(NO_NOISE, Check.INFERENCE_INPUT_GRADIENT),
                of("GaussianDropout", new DropoutLayer(new GaussianDropout(0.5)), FLAT)
                        .fails(NO_NOISE, Check.INFERENCE_INPUT_GRADIENT),
                of("GaussianNoise", new DropoutLayer(new GaussianNoise(0.5)), FLAT),
                of("SpatialDropout", new DropoutLayer(new SpatialDropout(0.5)), IMAGES)
                        .fails(NO_NOISE, Check.INFERENCE_INPUT_GRADIENT)
                        .fails("multiplies by the mask as by a column, which images refuse", Check.MASK),
                of(new BatchNormalization.Builder().build(), FLAT)
                        .fails(TRAINING_FORMULA, Check.INFERENCE_INPUT_GRADIENT)
                        .fails(STATISTICS, Check.STATISTICS)
                        .fails(IGNORES_MASK, Check.MASK)
                        .fails(INPUT_WORKSPACE, Check.INFERENCE_WORKSPACES),
                of(
                                "useLogStd(false)",
                                new BatchNormalization.Builder()
                                        .useLogStd(false)
                                        .build(),
                                FLAT)
                        .fails(TRAINING_FORMULA, Check.INFERENCE_INPUT_GRADIENT)
                        .fails(STATISTICS, Check.STATISTICS)
                        .fails(IGNORES_MASK, Check.MASK)
                        .fails(INPUT_WORKSPACE, Check.INFERENCE_WORKSPACES)
                        .fails("subtracts variances of different shapes, and throws", Check.SINGLE_EXAMPLE)
                        .fails("becomes true", Check.JSON),
                of(
                                "lockGammaBeta, gamma 2",
                                new BatchNormalization.Builder()
                                        .lockGammaBeta(true)
                                        .gamma(2)
                                        .beta(0)
                                        .build(),
                                FLAT)
                        .fails("forward leaves gamma out, backward does not", Check.INPUT_GRADIENT)
                        .fails(STATISTICS, Check.STATISTICS)
                        .fails(IGNORES_MASK, Check.MASK)
                        .fails(INPUT_WORKSPACE, Check.INFERENCE_WORKSPACES),
                of(new ElementWiseMultiplicationLayer.Builder().nOut(3).build(), FLAT),
                of(new PReLULayer.Builder().inputShape(3).build(), FLAT)
                        .fails(
                                OVERWRITES,
                                Check.UNTOUCHED,
                                Check.INFERENCE_PARAMETER_GRADIENT,
                                Check.INFERENCE_INPUT_GRADIENT),
                of(new RepeatVector.Builder<>(3).build(), FLAT),
                of(new EmbeddingLayer.Builder().nOut(3).build(), InputType.feedForward(1))
                        .values(0, 1),
                of(new AutoEncoder.Builder().nOut(2).build(), FLAT).fails(FORGETS_PARAMETERS, Check.MEMORY_REPORT),
                of(
                                new VariationalAutoencoder.Builder()
                                        .encoderLayerSizes(4)
                                        .decoderLayerSizes(4)
                                        .nOut(2)
                                        .build(),
                                FLAT)
                        .fails(FORGETS_PARAMETERS, Check.MEMORY_REPORT));
    }

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(4).build();
    }

    @SuppressWarnings("deprecation") // GravesLSTM and GravesBidirectionalLSTM
    private static List<Subject> recurrent() {
        return List.of(
                of(dense(), SEQUENCES),
                of(new BatchNormalization.Builder().build(), SEQUENCES)
                        .fails(
                                "takes the examples for channels, and throws",
                                Check.OUTPUT_TYPE,
                                Check.DETERMINISM,
                                Check.UNTOUCHED,
                                Check.STATISTICS),
                of(new LSTM.Builder().nOut(2).build(), SEQUENCES),
                of(new GravesLSTM.Builder().nOut(2).build(), SEQUENCES),
                of(new GravesBidirectionalLSTM.Builder().nOut(1).build(), SEQUENCES)
                        .fails("doubles parameters that were counted in both directions", Check.MEMORY_REPORT),
                of(new SimpleRnn.Builder().nOut(2).build(), SEQUENCES).fails(NO_REPORT, Check.MEMORY_REPORT),
                of(
                                "hasLayerNorm",
                                new SimpleRnn.Builder()
                                        .nOut(2)
                                        .hasLayerNorm(true)
                                        .build(),
                                SEQUENCES)
                        .fails(
                                "throws: indexes the gains, which have one axis, along two",
                                Check.OUTPUT_TYPE,
                                Check.DETERMINISM,
                                Check.UNTOUCHED)
                        .fails(NO_REPORT, Check.MEMORY_REPORT),
                of(new Convolution1DLayer.Builder(2).nOut(2).build(), SEQUENCES)
                        .fails(READS_BEHIND, Check.MASK)
                        .fails(FOR_CNN, Check.MEMORY_REPORT),
                of(new Subsampling1DLayer.Builder(2, 1).build(), SEQUENCES)
                        .fails(READS_BEHIND, Check.MASK)
                        .fails(FOR_CNN, Check.MEMORY_REPORT),
                of(new Upsampling1D.Builder(2).build(), SEQUENCES),
                of(new ZeroPadding1DLayer.Builder(1).build(), SEQUENCES),
                of(new Cropping1D.Builder(1).build(), SEQUENCES).fails(NO_REPORT, Check.MEMORY_REPORT),
                of(new LocallyConnected1D.Builder().kernelSize(2).nOut(2).build(), SEQUENCES)
                        .fails(DOUBLED, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                        .fails(READS_BEHIND, Check.MASK)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of(new EmbeddingSequenceLayer.Builder().nOut(2).inputLength(4).build(), InputType.feedForward(4))
                        .values(0, 4),
                of(
                                new SelfAttentionLayer.Builder()
                                        .nOut(2)
                                        .nHeads(1)
                                        .projectInput(true)
                                        .build(),
                                SEQUENCES)
                        .fails(DOUBLED, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of(
                                new LearnedSelfAttentionLayer.Builder()
                                        .nOut(2)
                                        .nHeads(1)
                                        .nQueries(2)
                                        .projectInput(true)
                                        .build(),
                                SEQUENCES)
                        .fails(
                                "throws: runs SameDiff's scatterUpdate without the axis that the op demands",
                                Check.OUTPUT_TYPE,
                                Check.DETERMINISM,
                                Check.UNTOUCHED)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of(
                                new RecurrentAttentionLayer.Builder()
                                        .nOut(2)
                                        .nHeads(1)
                                        .projectInput(true)
                                        .build(),
                                SEQUENCES)
                        .fails(DOUBLED, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of("MAX", new GlobalPoolingLayer(PoolingType.MAX), SEQUENCES)
                        .fails(ANNOUNCES_SEQUENCE, Check.OUTPUT_TYPE),
                of("AVG", new GlobalPoolingLayer(PoolingType.AVG), SEQUENCES)
                        .fails(ANNOUNCES_SEQUENCE, Check.OUTPUT_TYPE),
                of("SUM", new GlobalPoolingLayer(PoolingType.SUM), SEQUENCES)
                        .fails(ANNOUNCES_SEQUENCE, Check.OUTPUT_TYPE),
                of("PNORM", new GlobalPoolingLayer(PoolingType.PNORM), SEQUENCES)
                        .fails(ANNOUNCES_SEQUENCE, Check.OUTPUT_TYPE),
                of(new MaskLayer(), SEQUENCES).fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of(new CapsuleLayer.Builder(2, 3).build(), SEQUENCES)
                        .fails(DOUBLED, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                        .fails("throws: ND4J's expand_dims refuses views", Check.INPUT_LAYOUT)
                        .fails("ignored, and handed on as it came", Check.MASK)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of(new CapsuleStrengthLayer.Builder().build(), SEQUENCES)
                        .fails(DOUBLED, Check.INPUT_GRADIENT)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT));
    }

    private static List<Subject> images() {
        return List.of(
                of(new ConvolutionLayer.Builder(2, 2).nOut(3).build(), IMAGES),
                of(new Deconvolution2D.Builder(2, 2).nOut(3).build(), IMAGES),
                of(new DepthwiseConvolution2D.Builder(2, 2).depthMultiplier(2).build(), IMAGES),
                of(new SeparableConvolution2D.Builder(2, 2).nOut(3).build(), IMAGES),
                of(new LocallyConnected2D.Builder().kernelSize(2, 2).nOut(2).build(), IMAGES)
                        .fails(DOUBLED, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of("MAX", new SubsamplingLayer.Builder(PoolingType.MAX, new int[] {2, 2}).build(), IMAGES),
                of("AVG", new SubsamplingLayer.Builder(PoolingType.AVG, new int[] {2, 2}).build(), IMAGES),
                of(
                        "PNORM",
                        new SubsamplingLayer.Builder(PoolingType.PNORM, new int[] {2, 2})
                                .pnorm(2)
                                .build(),
                        IMAGES),
                of(new Upsampling2D.Builder(2).build(), IMAGES),
                of(new ZeroPaddingLayer.Builder(1, 1).build(), IMAGES),
                of(new Cropping2D.Builder(1, 1).build(), IMAGES).fails(NO_REPORT, Check.MEMORY_REPORT),
                of(new SpaceToDepthLayer.Builder<>(2, CNN2DFormat.NCHW).build(), InputType.convolutional(4, 4, 2))
                        .fails("copies views, but takes 'f' for 'c'", Check.INPUT_LAYOUT, Check.EPSILON_LAYOUT)
                        .fails(NO_WORKING_MEMORY, Check.MEMORY_REPORT),
                of(new SpaceToBatchLayer.Builder<>(new int[] {2, 2}).build(), InputType.convolutional(4, 4, 2))
                        .fails(NO_WORKING_MEMORY, Check.MEMORY_REPORT),
                of(new BatchNormalization.Builder().build(), IMAGES)
                        .fails(TRAINING_FORMULA, Check.INFERENCE_INPUT_GRADIENT)
                        .fails(STATISTICS, Check.STATISTICS)
                        .fails(IGNORES_MASK, Check.MASK),
                of(new LocalResponseNormalization.Builder().build(), InputType.convolutional(2, 3, 4)),
                of(
                                "alpha 1",
                                new LocalResponseNormalization.Builder()
                                        .alpha(1)
                                        .build(),
                                InputType.convolutional(2, 3, 4))
                        .fails(
                                "divides the sum over the neighbours by the scale of the element, not each term by its neighbour's",
                                Check.INPUT_GRADIENT),
                of("2 channels", new LocalResponseNormalization.Builder().build(), IMAGES)
                        .fails(
                                "throws unless there are more channels than n/2",
                                Check.OUTPUT_TYPE,
                                Check.DETERMINISM,
                                Check.UNTOUCHED),
                of("MAX", new GlobalPoolingLayer(PoolingType.MAX), IMAGES)
                        .fails(
                                "ND4J's IsMax marks the wrong elements of a view whose last axes are swapped",
                                Check.INPUT_LAYOUT),
                of("AVG", new GlobalPoolingLayer(PoolingType.AVG), IMAGES)
                        .fails(
                                "divides by the number of elements of the mask, also where one stands for many",
                                Check.MASK),
                of("PNORM", new GlobalPoolingLayer(PoolingType.PNORM), IMAGES)
                        .fails("NaN for an example that is hidden as a whole, where it is 0/0", Check.MASK_GRADIENT),
                of(new PrimaryCapsules.Builder(2, 3).kernelSize(2, 2).build(), IMAGES)
                        .fails(DOUBLED, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT));
    }

    private static List<Subject> volumes() {
        return List.of(
                of(
                                new Convolution3D.Builder(2, 2, 2)
                                        .dataFormat(Convolution3D.DataFormat.NCDHW)
                                        .nOut(3)
                                        .build(),
                                VOLUMES)
                        .fails("announces NDHWC unless padded as Same", Check.OUTPUT_TYPE)
                        .fails(FOR_CNN, Check.MEMORY_REPORT),
                of(
                                new Deconvolution3D.Builder()
                                        .kernelSize(2, 2, 2)
                                        .dataFormat(Convolution3D.DataFormat.NCDHW)
                                        .nOut(3)
                                        .build(),
                                VOLUMES)
                        .fails(FOR_CNN, Check.MEMORY_REPORT),
                of(
                        new Subsampling3DLayer.Builder(2, 2, 2)
                                .dataFormat(Convolution3D.DataFormat.NCDHW)
                                .build(),
                        VOLUMES),
                of(
                                new Upsampling3D.Builder(2)
                                        .dataFormat(Convolution3D.DataFormat.NCDHW)
                                        .build(),
                                VOLUMES)
                        .fails(NDHWC, Check.OUTPUT_TYPE),
                of(new ZeroPadding3DLayer.Builder(1).build(), VOLUMES).fails(NDHWC, Check.OUTPUT_TYPE),
                of(new Cropping3D.Builder(0, 1, 0).build(), VOLUMES)
                        .fails(NDHWC, Check.OUTPUT_TYPE)
                        .fails(NO_REPORT, Check.MEMORY_REPORT));
    }

    private static List<Subject> outputs() {
        return List.of(
                of(new OutputLayer.Builder(LossFunction.MSE).nOut(4).build(), FLAT),
                of(new LossLayer.Builder(LossFunction.MSE).build(), FLAT),
                of(new CenterLossOutputLayer.Builder(LossFunction.MSE).nOut(3).build(), FLAT),
                of(new OCNNOutputLayer.Builder().hiddenLayerSize(4).build(), FLAT)
                        .fails("announces [N, 0] for what is [N]", Check.OUTPUT_TYPE)
                        .fails("the loss is lost; the network sets its own", Check.JSON)
                        .fails("a network that is made of parameters overwrites r by its initial value", Check.CLONE),
                of(new RnnOutputLayer.Builder(LossFunction.MSE).nOut(4).build(), SEQUENCES),
                of(new RnnLossLayer.Builder(LossFunction.MSE).build(), SEQUENCES),
                of(new CnnLossLayer.Builder(LossFunction.MSE).build(), IMAGES),
                of(
                        new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW)
                                .lossFunction(LossFunction.MSE)
                                .build(),
                        VOLUMES),
                of(
                        new Yolo2OutputLayer.Builder()
                                .boundingBoxPriors(Nd4j.createFromArray(new double[][] {{1, 2}}))
                                .build(),
                        InputType.convolutional(2, 3, 7)));
    }

    private static List<Subject> wrappers() {
        return List.of(
                of(new FrozenLayer(dense()), FLAT),
                of(new FrozenLayerWithBackprop(dense()), FLAT)
                        .fails("l1 and l2 move what is frozen: DL4J asks the layer inside", Check.REGULARIZATION),
                of("LSTM", new Bidirectional(new LSTM.Builder().nOut(1).build()), SEQUENCES)
                        .fails(
                                "LSTM does not keep the mask that it is handed, so that the half that reads backwards starts behind it",
                                Check.MASK)
                        .fails("names the output of one half", Check.MEMORY_REPORT),
                of("LSTM", new LastTimeStep(new LSTM.Builder().nOut(1).build()), SEQUENCES)
                        .fails(INNER_REPORT, Check.MEMORY_REPORT),
                of("LSTM", new MaskZeroLayer(new LSTM.Builder().nOut(1).build(), 0), SEQUENCES)
                        .fails("replaced by its own, and not handed on", Check.MASK),
                of("DenseLayer", new TimeDistributed(dense()), SEQUENCES)
                        .fails(INPUT_WORKSPACE, Check.INFERENCE_WORKSPACES)
                        .fails(INNER_REPORT, Check.MEMORY_REPORT));
    }

    private static List<Subject> sameDiff() {
        return List.of(
                of(new SameDiffLayers.Affine(3, 4), FLAT)
                        .named("SameDiffLayer, x·W + b")
                        .fails(DOUBLED, Check.PARAMETER_GRADIENT, Check.INPUT_GRADIENT)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of(new SameDiffLayers.Squaring(), FLAT)
                        .named("SameDiffLambdaLayer, x²")
                        .fails(DOUBLED, Check.INPUT_GRADIENT)
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT),
                of(new SameDiffLayers.SquaredError(3, 4), FLAT)
                        .named("SameDiffOutputLayer, x·W")
                        .fails(EMPTY_REPORT, Check.MEMORY_REPORT));
    }
}
