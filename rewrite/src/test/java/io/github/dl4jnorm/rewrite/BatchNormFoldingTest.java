package io.github.dl4jnorm.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.rewrite.Models.Type;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.distribution.Distribution;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class BatchNormFoldingTest {
    /** Sizes differ so that no axis passes for another. */
    private enum Input {
        VECTORS(InputType.feedForward(3), 4, 3),
        IMAGES(InputType.convolutional(6, 7, 3, CNN2DFormat.NCHW), 4, 3, 6, 7),
        IMAGES_NHWC(InputType.convolutional(6, 7, 3, CNN2DFormat.NHWC), 4, 6, 7, 3),
        VOLUMES(InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 5, 6, 3), 4, 3, 4, 5, 6),
        SEQUENCES(InputType.recurrent(3, 7, RNNFormat.NCW), 4, 3, 7);

        private final InputType type;
        private final long[] shape;

        Input(InputType type, long... shape) {
            this.type = type;
            this.shape = shape;
        }

        INDArray data() {
            return input(shape);
        }

        List<Layer> norms() {
            // DL4J reports another format behind its 3D convolution.
            BatchNorm.Builder builder = new BatchNorm.Builder();
            Layer ours = this == VOLUMES
                    ? builder.dataFormat(Convolution3D.DataFormat.NCDHW).build()
                    : builder.build();
            // DL4J's layer takes nothing else.
            boolean both = this == VECTORS || this == IMAGES || this == IMAGES_NHWC;
            return both ? List.of(ours, new BatchNormalization.Builder().build()) : List.of(ours);
        }
    }

    /** A layer that a batch normalization can be folded into, and what goes into it. */
    private record Case(String name, FeedForwardLayer layer, Input input) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final int[] CUBE = {2, 2, 2};

    static Stream<Case> cases() {
        Layer nhwc = new ConvolutionLayer.Builder(3, 2)
                .nOut(5)
                .dataFormat(CNN2DFormat.NHWC)
                .build();
        return Stream.concat(
                Stream.of(true, false).flatMap(BatchNormFoldingTest::cases),
                Stream.of(new Case("2D, NHWC", (FeedForwardLayer) nhwc, Input.IMAGES_NHWC)));
    }

    private static Stream<Case> cases(boolean bias) {
        DenseLayer dense = new DenseLayer.Builder().nOut(5).hasBias(bias).build();
        ConvolutionLayer convolution =
                new ConvolutionLayer.Builder(3, 2).nOut(5).hasBias(bias).build();
        Deconvolution2D deconvolution = new Deconvolution2D.Builder(3, 2)
                .stride(2, 2)
                .nOut(5)
                .hasBias(bias)
                .build();
        DepthwiseConvolution2D depthwise = new DepthwiseConvolution2D.Builder(3, 2)
                .depthMultiplier(2)
                .hasBias(bias)
                .build();
        SeparableConvolution2D separable = new SeparableConvolution2D.Builder(3, 2)
                .depthMultiplier(2)
                .nOut(5)
                .hasBias(bias)
                .build();
        Convolution1DLayer convolution1d =
                new Convolution1DLayer.Builder(3).nOut(5).hasBias(bias).build();
        Convolution3D convolution3d = new Convolution3D.Builder(CUBE)
                .dataFormat(Convolution3D.DataFormat.NCDHW)
                .nOut(5)
                .hasBias(bias)
                .build();
        Deconvolution3D deconvolution3d = new Deconvolution3D.Builder()
                .kernelSize(CUBE)
                .dataFormat(Convolution3D.DataFormat.NCDHW)
                .nOut(5)
                .hasBias(bias)
                .build();
        String suffix = bias ? "" : ", no bias";
        return Stream.of(
                new Case("dense" + suffix, dense, Input.VECTORS),
                new Case("2D" + suffix, convolution, Input.IMAGES),
                new Case("deconvolution" + suffix, deconvolution, Input.IMAGES),
                new Case("depthwise" + suffix, depthwise, Input.IMAGES),
                new Case("separable" + suffix, separable, Input.IMAGES),
                new Case("1D" + suffix, convolution1d, Input.SEQUENCES),
                new Case("3D" + suffix, convolution3d, Input.VOLUMES),
                new Case("3D deconvolution" + suffix, deconvolution3d, Input.VOLUMES));
    }

    /** A network that is only run, never trained: it may end anywhere. */
    private static MultiLayerNetwork chain(InputType input, Layer... layers) {
        MultiLayerNetwork network = Nets.chain(
                Nets.base().activation(Activation.IDENTITY),
                input,
                Arrays.stream(layers).map(Layer::clone).toList());
        disturb(network.params());
        return network;
    }

    /** Parameters none of which is neutral, with variances above zero. */
    private static void disturb(INDArray parameters) {
        Nd4j.getRandom().setSeed(11);
        parameters.addi(Nd4j.rand(DataType.DOUBLE, parameters.shape()).muli(0.8).addi(0.1));
    }

    private static INDArray input(long... shape) {
        return Nets.data(5, DataType.DOUBLE, shape).getFeatures();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsAreTheSame(Case c) {
        for (Type type : Type.values()) {
            for (Layer norm : c.input().norms()) {
                Model original = Nets.build(
                        type,
                        Nets.base().activation(Activation.IDENTITY),
                        c.input().type,
                        List.of(c.layer().clone(), norm.clone(), new ActivationLayer(Activation.TANH)));
                disturb(original.params());
                INDArray parameters = original.params().dup();
                INDArray x = c.input().data();
                INDArray expected = Models.outputs(original, x)[0].dup();
                Rewritten<? extends Model> folded = Models.fold(original);
                assertEquals(1, folded.report().done().size(), folded.report()::toString);
                assertEquals(2, Models.layers(folded.network()).length);
                Nets.assertSameOutput(original, folded.network(), x);
                assertArrayEquals(Nets.doubles(parameters), Nets.doubles(original.params()));
                assertArrayEquals(Nets.doubles(expected), Nets.doubles(Models.outputs(original, x)[0]));
            }
        }
    }

    static Stream<Layer> norms() {
        return Stream.of(
                new BatchNormalization.Builder().useLogStd(false).eps(0.1).build(),
                new BatchNormalization.Builder()
                        .lockGammaBeta(true)
                        .gamma(2)
                        .beta(3)
                        .build(),
                new BatchNormalization.Builder().lockGammaBeta(true).gamma(2).build(),
                new BatchNorm.Builder().lockGammaBeta(true).gamma(2).build(),
                new BatchNorm.Builder().lockGamma(true).build(),
                new BatchNorm.Builder().lockBeta(true).beta(-1).build(),
                new BatchNorm.Builder().eps(0.1).build(),
                new BatchNorm.Builder().activation(Activation.RELU).build(),
                new FrozenLayer(new BatchNormalization.Builder().build()));
    }

    @ParameterizedTest
    @MethodSource("norms")
    void everyKindOfNorm(Layer norm) {
        MultiLayerNetwork original = chain(
                Nets.IMAGES,
                Nets.convolution(4),
                norm,
                new DenseLayer.Builder().nOut(5).build());
        Rewritten<MultiLayerNetwork> folded = folded(original);
        assertEquals(1, folded.report().done().size(), folded.report()::toString);
    }

    /** Folds what there is in a network for images, and asserts that its outputs stay the same. */
    private static Rewritten<MultiLayerNetwork> folded(MultiLayerNetwork original) {
        Rewritten<MultiLayerNetwork> folded = BatchNormFolding.fold(original);
        Nets.assertSameOutput(original, folded.network(), Nets.images(1).getFeatures());
        return folded;
    }

    @Test
    void rectifierMovesIntoTheLayerBelow() {
        MultiLayerNetwork original = chain(
                Nets.IMAGES,
                Nets.convolution(4),
                new BatchNorm.Builder().activation(Activation.RELU).build());
        ConvolutionLayer convolution =
                (ConvolutionLayer) folded(original).network().getLayer(0).conf().getLayer();
        assertInstanceOf(ActivationReLU.class, convolution.getActivationFn());
        INDArray x = Nets.images(1).getFeatures();
        assertEquals(0, original.output(x).minNumber().doubleValue());
    }

    @Test
    void severalInARowAndPreprocessorsBehindThem() {
        MultiLayerNetwork original = chain(
                Nets.IMAGES,
                Nets.convolution(4),
                new BatchNormalization.Builder().build(),
                new BatchNorm.Builder().build(),
                new ActivationLayer(Activation.TANH),
                new DenseLayer.Builder().nOut(5).build(),
                new BatchNorm.Builder().build(),
                Nets.output());
        original.setIterationCount(17);
        Rewritten<MultiLayerNetwork> folded = folded(original);
        assertEquals("""
                folded    layer1  into layer0
                folded    layer2  into layer0
                folded    layer5  into layer4
                3 folded, 0 kept""", folded.report().toString());
        assertEquals(4, folded.network().getnLayers());
        assertEquals(17, folded.network().getIterationCount());
        assertEquals("layer4", folded.network().getLayer(2).conf().getLayer().getLayerName());
    }

    @Test
    void frozenLayerBelowStaysFrozenAndTheOriginalUnchanged() {
        MultiLayerNetwork original = chain(
                Nets.IMAGES,
                new FrozenLayer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .hasBias(false)
                        .build()),
                new FrozenLayer(new BatchNorm.Builder().build()),
                Nets.output());
        MultiLayerNetwork folded = folded(original).network();
        assertInstanceOf(org.deeplearning4j.nn.layers.FrozenLayer.class, folded.getLayer(0));
        FrozenLayer frozen =
                (FrozenLayer) original.getLayerWiseConfigurations().getConf(0).getLayer();
        assertTrue(!((ConvolutionLayer) frozen.getLayer()).isHasBias());
    }

    private static void assertKept(String reason, InputType input, Layer... layers) {
        MultiLayerNetwork original = chain(input, layers);
        Rewritten<MultiLayerNetwork> folded = BatchNormFolding.fold(original);
        assertEquals(0, folded.report().done().size());
        assertEquals(reason, folded.report().kept().get(0).detail());
        assertEquals(original.getnLayers(), folded.network().getnLayers());
        assertArrayEquals(
                Nets.doubles(original.params()), Nets.doubles(folded.network().params()));
    }

    /** Two batch normalizations: the lower one is sound and below it nothing is in the way. */
    private static MultiLayerNetwork withUnsound(Layer unsound) {
        return chain(
                InputType.feedForward(3),
                new DenseLayer.Builder().nOut(4).build(),
                new BatchNorm.Builder().build(),
                new DenseLayer.Builder().nOut(5).build(),
                unsound,
                Nets.output());
    }

    private static void assertOneFolded(MultiLayerNetwork original, String reason) {
        RewriteReport report = BatchNormFolding.fold(original).report();
        assertEquals(
                List.of(new Change("layer1", true, "into layer0"), new Change("layer3", false, reason)),
                report.changes());
    }

    @Test
    void whatHasNoFiniteScaleIsKeptAndTheRestFolded() {
        assertOneFolded(
                withUnsound(new BatchNormalization.Builder().eps(Double.NaN).build()), "eps is NaN");
        for (boolean ours : new boolean[] {true, false}) {
            MultiLayerNetwork negative = withUnsound(
                    ours
                            ? new BatchNorm.Builder().build()
                            : new BatchNormalization.Builder().useLogStd(false).build());
            negative.getLayer(3).getParam("var").putScalar(2, -0.3);
            assertOneFolded(negative, "running variance -0.3 of channel 2 and eps 1.0E-5 have no positive sum");

            MultiLayerNetwork zero = withUnsound(
                    ours
                            ? new BatchNorm.Builder().eps(0).build()
                            : new BatchNormalization.Builder()
                                    .eps(0)
                                    .useLogStd(false)
                                    .build());
            zero.getLayer(3).getParam("var").putScalar(2, 0);
            assertOneFolded(zero, "scale Infinity and shift -Infinity of channel 2 are not finite");

            MultiLayerNetwork infinite =
                    withUnsound(ours ? new BatchNorm.Builder().build() : new BatchNormalization.Builder().build());
            infinite.getLayer(3).getParam("gamma").putScalar(2, Double.POSITIVE_INFINITY);
            assertOneFolded(infinite, "scale Infinity and shift -Infinity of channel 2 are not finite");
        }
    }

    /** What our layer refuses, for training alone or because it is senseless, is no matter where it has a meaning. */
    @Test
    void settingsThatOurLayerRefusesAreFolded() {
        for (Layer norm : List.of(
                new BatchNormalization.Builder().eps(0).build(),
                new BatchNorm.Builder().eps(0).build(),
                new BatchNormalization.Builder().eps(-0.5).build(),
                new BatchNormalization.Builder().decay(7).build())) {
            MultiLayerNetwork original = withUnsound(norm);
            Rewritten<MultiLayerNetwork> folded = BatchNormFolding.fold(original);
            assertEquals(2, folded.report().done().size(), folded.report()::toString);
            Nets.assertSameOutput(original, folded.network(), input(4, 3));
        }
    }

    @Test
    void weightsThatLeaveTheRangeOfTheTypeAreInTheWay() {
        MultiLayerNetwork original = Nets.chain(
                Nets.base().activation(Activation.IDENTITY).dataType(DataType.FLOAT),
                InputType.feedForward(3),
                List.of(new DenseLayer.Builder().nOut(4).build(), new BatchNorm.Builder().build(), Nets.output()));
        original.getLayer(0).getParam("W").putScalar(0, 1e20);
        original.getLayer(1).getParam("gamma").putScalar(0, 1e30);
        assertEquals(
                "the weights it would make of those of the layer below are too large for FLOAT",
                BatchNormFolding.fold(original).report().kept().get(0).detail());
    }

    static Stream<Arguments> noises() {
        Distribution normal = new NormalDistribution(1, 0.5);
        return Stream.of(
                Arguments.of(new DropConnect(0.5), true),
                Arguments.of(new WeightNoise(normal), true),
                Arguments.of(new WeightNoise(normal, false), true),
                // DL4J changes biases at random in inference too.
                Arguments.of(new WeightNoise(normal, true, true), false),
                Arguments.of(new DropConnect(0.5, true), false),
                Arguments.of(new Noise(), false));
    }

    /** Noise of a user's, in inference too for all we know. */
    static final class Noise implements IWeightNoise {
        private static final long serialVersionUID = 1;

        @Override
        public INDArray getParameter(
                org.deeplearning4j.nn.api.Layer layer,
                String key,
                int iteration,
                int epoch,
                boolean train,
                LayerWorkspaceMgr workspaceMgr) {
            return layer.getParam(key);
        }

        @Override
        public Noise clone() {
            return new Noise();
        }
    }

    @ParameterizedTest
    @MethodSource("noises")
    void weightNoiseOfTheLayerBelow(IWeightNoise noise, boolean folds) {
        for (boolean bias : new boolean[] {true, false}) {
            MultiLayerNetwork original = chain(
                    InputType.feedForward(3),
                    new DenseLayer.Builder()
                            .nOut(4)
                            .hasBias(bias)
                            .weightNoise(noise)
                            .build(),
                    new BatchNorm.Builder().build(),
                    Nets.output());
            Rewritten<MultiLayerNetwork> folded = BatchNormFolding.fold(original);
            Change change = folded.report().changes().get(0);
            assertEquals(folds, change.done());
            if (folds) {
                assertEquals("into layer0, whose weight noise is gone", change.detail());
                assertNull(((DenseLayer) folded.network().getLayer(0).conf().getLayer()).getWeightNoise());
                assertNotNull(((DenseLayer) original.getLayer(0).conf().getLayer()).getWeightNoise());
                Nets.assertSameOutput(original, folded.network(), input(4, 3));
            } else {
                assertEquals("the weight noise of the layer below may change its output in inference", change.detail());
            }
        }
    }

    /** A class of a user. */
    static final class Special extends ConvolutionLayer {
        private static final long serialVersionUID = 1;

        Special(ConvolutionLayer.Builder builder) {
            super(builder);
        }
    }

    @Test
    void whatCannotBeFoldedIsKept() {
        Layer norm = new BatchNorm.Builder().build();
        assertKept("no layer is below it", InputType.feedForward(3), norm, Nets.output());
        assertKept(
                "the activation relu is between",
                Nets.IMAGES,
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build(),
                norm,
                Nets.output());
        assertKept(
                "below is a ActivationLayer",
                Nets.IMAGES,
                Nets.convolution(4),
                new ActivationLayer(Activation.RELU),
                norm,
                Nets.output());
        assertKept(
                "below is a Special",
                Nets.IMAGES,
                new Special(new ConvolutionLayer.Builder(3, 3).nOut(4)),
                norm,
                Nets.output());
        assertKept(
                "the layer normalization of the dense layer is between",
                InputType.feedForward(3),
                new DenseLayer.Builder().nOut(4).hasLayerNorm(true).build(),
                norm,
                Nets.output());
        assertKept(
                "it normalizes with the statistics of each batch",
                InputType.feedForward(3),
                new DenseLayer.Builder().nOut(4).build(),
                new BatchNorm.Builder().runningStatistics(false).build(),
                Nets.output());
        assertKept(
                "it normalizes per index of axis 3, not per channel",
                Nets.IMAGES,
                new ConvolutionLayer.Builder(3, 3).nOut(4).build(),
                new BatchNorm.Builder().axis(3).build(),
                Nets.output());
        assertKept(
                "it normalizes along another axis than that of the channels of the layer below",
                InputType.convolutional(6, 6, 3),
                new ConvolutionLayer.Builder(3, 3).nOut(4).build(),
                new BatchNorm.Builder().dataFormat(CNN2DFormat.NHWC).nIn(4).build(),
                new GlobalPoolingLayer());
        assertKept(
                "DL4J's layer works on vectors and images only",
                InputType.recurrent(3, 7),
                new Convolution1DLayer.Builder(3).nOut(5).build(),
                new BatchNormalization.Builder().build(),
                new ActivationLayer(Activation.TANH));
    }

    @Test
    void masksAreInTheWay() {
        assertKept(
                "a mask may reach it, behind which its output is zero",
                InputType.recurrent(3, 7),
                new MaskZeroLayer(
                        new LSTM.Builder().nOut(3).activation(Activation.TANH).build(), 0),
                new Convolution1DLayer.Builder(3).nOut(4).build(),
                new BatchNorm.Builder().build(),
                new ActivationLayer(Activation.TANH));
        assertKept(
                "inside a TimeDistributed",
                InputType.recurrent(3, 7),
                new Convolution1DLayer.Builder(3).nOut(4).build(),
                new TimeDistributed(new BatchNorm.Builder().build(), RNNFormat.NCW),
                new ActivationLayer(Activation.TANH));
    }

    private static ComputationGraph branching(boolean convolutionIsOutput) {
        GraphBuilder builder = Nets.base()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(Nets.IMAGES)
                .addLayer("below", Nets.convolution(4), "in")
                .addLayer("norm", new BatchNorm.Builder().build(), "below");
        if (convolutionIsOutput) {
            builder.setOutputs("norm", "below");
        } else {
            builder.addVertex("merge", new MergeVertex(), "norm", "below").setOutputs("merge");
        }
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return graph;
    }

    @Test
    void othersThatUseTheLayerBelowAreInTheWay() {
        assertEquals(
                "kept      norm  others use the output of below too\n0 folded, 1 kept",
                BatchNormFolding.fold(branching(false)).report().toString());
        assertEquals(
                "kept      norm  the output of below is an output of the network too\n0 folded, 1 kept",
                BatchNormFolding.fold(branching(true)).report().toString());
    }

    @Test
    void residualGraph() {
        GraphBuilder builder = Nets.base()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(Nets.IMAGES)
                .addLayer("conv1", Nets.convolution(4), "in")
                .addLayer("norm1", new BatchNormalization.Builder().build(), "conv1")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "norm1")
                .addLayer(
                        "conv2",
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(4)
                                .hasBias(false)
                                .build(),
                        "relu")
                .addLayer("norm2", new BatchNorm.Builder().build(), "conv2")
                .addVertex("merge", new MergeVertex(), "norm2", "relu")
                .addLayer("norm3", new BatchNorm.Builder().build(), "merge")
                .addLayer("out", Nets.output(), "norm3")
                .addLayer("conv4", new ConvolutionLayer.Builder(1, 1).nOut(2).build(), "relu")
                .addLayer("norm4", new BatchNorm.Builder().build(), "conv4")
                .setOutputs("out", "norm4");
        ComputationGraph original = new ComputationGraph(builder.build());
        original.init();
        disturb(original.params());
        Rewritten<ComputationGraph> folded = BatchNormFolding.fold(original);
        assertEquals("""
                folded    norm1  into conv1
                folded    norm2  into conv2
                folded    norm4  into conv4
                kept      norm3  no layer is directly below it
                3 folded, 1 kept""", folded.report().toString());
        assertEquals(
                List.of("out", "conv4"), folded.network().getConfiguration().getNetworkOutputs());
        Nets.assertSameOutput(original, folded.network(), Nets.images(1).getFeatures());
    }

    @Test
    void nothingToFold() {
        MultiLayerNetwork original = chain(Nets.IMAGES, Nets.convolution(4), Nets.output());
        Rewritten<MultiLayerNetwork> folded = BatchNormFolding.fold(original);
        assertEquals("0 folded, 0 kept", folded.report().toString());
        assertArrayEquals(
                Nets.doubles(original.params()), Nets.doubles(folded.network().params()));
    }

    @Test
    void notInitialized() {
        MultiLayerNetwork network = new MultiLayerNetwork(Nets.base()
                .list()
                .layer(Nets.output())
                .setInputType(InputType.feedForward(3))
                .build());
        assertThrows(IllegalStateException.class, () -> BatchNormFolding.fold(network));
    }
}
