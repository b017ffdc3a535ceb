package io.github.dl4jnorm.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.rewrite.Models.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;

class BatchNormReplacementTest {
    private static final int STEPS = 20;

    /** DL4J's layer in each of its ways. */
    private enum Variant {
        LOG_STD,
        VARIANCE,
        FIXED,
        FIXED_NEUTRAL,
        NHWC,
        OTHER_EPS_AND_DECAY;

        BatchNormalization layer() {
            BatchNormalization.Builder builder = new BatchNormalization.Builder();
            return switch (this) {
                case LOG_STD -> builder.build();
                case VARIANCE -> builder.useLogStd(false).build();
                case FIXED -> builder.lockGammaBeta(true).gamma(1.7).beta(-0.4).build();
                case FIXED_NEUTRAL -> builder.lockGammaBeta(true).build();
                case NHWC -> builder.dataFormat(CNN2DFormat.NHWC).build();
                case OTHER_EPS_AND_DECAY -> builder.eps(1e-2).decay(0.6).build();
            };
        }

        CNN2DFormat format() {
            return this == NHWC ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
        }

        List<Layer> layers() {
            Layer convolution = new ConvolutionLayer.Builder(3, 3)
                    .nOut(5)
                    .dataFormat(format())
                    .build();
            return List.of(
                    convolution,
                    layer(),
                    new DenseLayer.Builder().nOut(6).build(),
                    new BatchNormalization.Builder().build(),
                    Nets.output());
        }

        InputType input() {
            return InputType.convolutional(Nets.SIZE, Nets.SIZE, Nets.CHANNELS, format());
        }

        DataSet data(int seed) {
            return this == NHWC
                    ? Nets.data(seed, DataType.DOUBLE, 8, Nets.SIZE, Nets.SIZE, Nets.CHANNELS)
                    : Nets.images(seed);
        }
    }

    static Stream<Arguments> variants() {
        return Arrays.stream(Variant.values())
                .flatMap(variant -> Arrays.stream(Type.values()).map(type -> Arguments.of(variant, type)));
    }

    /** Parameters and the updater's state, bit for bit. */
    private static double[] state(Model network) {
        INDArray parameters = network.params();
        INDArray updater = Models.updaterState(network);
        return Nets.doubles(Nd4j.concat(0, parameters.reshape(parameters.length()), updater.reshape(updater.length())));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void predictsAndTrainsTheSame(Variant variant, Type type) {
        Model original = Nets.build(type, Nets.base(), variant.input(), variant.layers());
        for (int step = 0; step < 5; step++) {
            Models.fit(original, variant.data(step));
        }
        double[] before = state(original);
        String json = Models.json(original);

        Rewritten<? extends Model> rewritten = Models.replace(original);
        Model replaced = rewritten.network();

        assertEquals(2, rewritten.report().done().size());
        assertEquals(0, rewritten.report().kept().size());
        assertNorms(BatchNorm.class, replaced);
        assertEquals(5, Models.iterations(replaced));
        INDArray x = variant.data(99).getFeatures();
        Nets.assertSameOutput(original, replaced, x);
        Nets.assertSameParameters(original, replaced);
        assertArrayEquals(Nets.doubles(Models.updaterState(original)), Nets.doubles(Models.updaterState(replaced)));
        assertEquals(json, Models.json(original));

        Nets.assertTrainsTheSame(original, replaced, batches(variant, 5), x);
        assertArrayEquals(before, state(original), "the original trained along");

        Model restored = Models.restore(replaced).network();
        assertNorms(BatchNormalization.class, restored);
        assertEquals(5 + STEPS, Models.iterations(restored));
        Nets.assertSameOutput(replaced, restored, x);
        Nets.assertTrainsTheSame(replaced, restored, batches(variant, 40), x);
    }

    private static void assertNorms(Class<? extends Layer> expected, Model network) {
        for (int index : new int[] {1, 3}) {
            assertInstanceOf(expected, Models.layers(network)[index].conf().getLayer());
        }
    }

    @ParameterizedTest
    @EnumSource
    void epochsAndNamesAreTakenAlong(Type type) {
        List<Layer> layers = List.of(new BatchNormalization.Builder().build(), Nets.output());
        Model original = Nets.build(type, Nets.base(), Nets.IMAGES, layers);
        Models.setEpochs(original, 3);
        Rewritten<? extends Model> rewritten = Models.replace(original);
        assertEquals(3, Models.epochs(rewritten.network()));
        String name = type == Type.GRAPH ? "the_layer_0" : "layer0";
        assertEquals(name, rewritten.report().done().get(0).layer());
    }

    /** None of them is taken for rounding: an eps that is a tenth too large, a decay by a thousandth, two swapped gammas. */
    @Test
    void mistakesAreFound() {
        Variant variant = Variant.VARIANCE;
        MultiLayerNetwork original = Nets.chain(Nets.base(), variant.input(), variant.layers());
        batches(variant, 0).forEach(original::fit);
        INDArray x = variant.data(99).getFeatures();
        List<DataSet> batches = batches(variant, STEPS);

        MultiLayerNetwork eps = BatchNormReplacement.replace(original).network();
        ((BatchNorm) eps.getLayer(1).conf().getLayer()).setEps(1.1e-5);
        assertThrows(AssertionError.class, () -> Nets.assertSameOutput(original, eps, x));
        assertThrows(AssertionError.class, () -> Nets.assertTrainsTheSame(original, eps, batches, x));

        MultiLayerNetwork decay = BatchNormReplacement.replace(original).network();
        ((BatchNorm) decay.getLayer(3).conf().getLayer()).setDecay(0.901);
        Nets.assertSameOutput(original, decay, x);
        assertThrows(AssertionError.class, () -> Nets.assertTrainsTheSame(original, decay, batches, x));

        MultiLayerNetwork swapped = BatchNormReplacement.replace(original).network();
        INDArray gamma = swapped.getLayer(1).getParam(BatchNorm.GAMMA);
        double first = gamma.getDouble(0);
        gamma.putScalar(0, gamma.getDouble(1)).putScalar(1, first);
        assertThrows(AssertionError.class, () -> Nets.assertSameOutput(original, swapped, x));
        assertThrows(AssertionError.class, () -> Nets.assertSameParameters(original, swapped));
    }

    private static List<DataSet> batches(Variant variant, int first) {
        return IntStream.range(first, first + STEPS).mapToObj(variant::data).toList();
    }

    @Test
    void inFloatToFloatRounding() {
        List<Layer> layers = List.of(
                new ConvolutionLayer.Builder(3, 3).nOut(5).hasBias(false).build(),
                new BatchNormalization.Builder().build(),
                Nets.output());
        MultiLayerNetwork original = Nets.chain(Nets.base().dataType(DataType.FLOAT), Nets.IMAGES, layers);
        long[] shape = {8, Nets.CHANNELS, Nets.SIZE, Nets.SIZE};
        for (int step = 0; step < 5; step++) {
            original.fit(Nets.data(step, DataType.FLOAT, shape));
        }
        MultiLayerNetwork replaced = BatchNormReplacement.replace(original).network();
        INDArray x = Nets.data(99, DataType.FLOAT, shape).getFeatures();
        Nets.assertSameOutput(original, replaced, x);
        List<DataSet> batches = IntStream.range(0, STEPS)
                .mapToObj(step -> Nets.data(step, DataType.FLOAT, shape))
                .toList();
        Nets.assertTrainsTheSame(original, replaced, batches, x);
    }

    @Test
    void everySettingIsHandedOver() {
        BatchNormalization norm = new BatchNormalization.Builder()
                .updater(new Nesterovs(0.03, 0.8))
                .biasUpdater(new Sgd(0.5))
                .l1(1e-3)
                .l2(1e-2)
                .l2Bias(1e-2)
                .dropOut(0.8)
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .gradientNormalizationThreshold(0.3)
                .constrainAllParameters(new NonNegativeConstraint())
                .name("norm")
                .build();
        MultiLayerNetwork original = Nets.chain(Nets.base(), InputType.feedForward(3), List.of(norm, Nets.output()));
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        BatchNorm ours = (BatchNorm) rewritten.network().getLayer(0).conf().getLayer();
        // Not handed over: DL4J's layer has an activation that it does not apply, and an updater of biases that it does
        // not use for beta. The constraints are compared below.
        Map<String, Object> expected = Fields.without(norm, "activationFn", "constraints", "biasUpdater");
        Map<String, Object> actual = Fields.of(ours);
        expected.keySet().retainAll(actual.keySet());
        actual.keySet().retainAll(expected.keySet());
        assertEquals(expected, actual);
        assertTrue(
                actual.keySet().containsAll(Set.of("layerName", "iUpdater", "nOut", "regularization", "eps")),
                actual::toString);
        assertNull(ours.getBiasUpdater());
        assertEquals(Set.of("gamma", "beta"), ours.getConstraints().get(0).getParams());
        assertEquals(
                Set.of("gamma", "beta", "mean", "log10stdev"),
                norm.getConstraints().get(0).getParams());
        assertEquals(norm.getIUpdater(), ours.getUpdaterByParam("beta"));
        assertNull(ours.getRegularizationByParam("gamma"));
        String detail = rewritten.report().done().get(0).detail();
        assertEquals(
                "3 channels; ClipL2PerLayer no longer changes its running statistics, and without these in the norm of"
                        + " its gradient, gamma and beta take larger steps; "
                        + "constraints no longer change its running statistics",
                detail);
    }

    @Test
    void updaterBlocksAreTheSameWithABiasUpdater() {
        NeuralNetConfiguration.Builder base =
                Nets.base().biasUpdater(new Adam(3e-3)).l2(1e-3).l1Bias(1e-4);
        MultiLayerNetwork original = Nets.chain(base, Nets.IMAGES, Variant.LOG_STD.layers());
        for (int step = 0; step < 3; step++) {
            original.fit(Nets.images(step));
        }
        MultiLayerNetwork replaced = BatchNormReplacement.replace(original).network();
        List<DataSet> batches =
                IntStream.range(3, 3 + STEPS).mapToObj(Nets::images).toList();
        Nets.assertTrainsTheSame(original, replaced, batches, Nets.images(99).getFeatures());
    }

    @Test
    void fixedGammaOrBetaAloneIsIgnoredAsByTheOriginal() {
        BatchNormalization norm =
                new BatchNormalization.Builder().lockGammaBeta(true).gamma(2).build();
        MultiLayerNetwork original = withoutABias(norm);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        INDArray x = Nets.images(1).getFeatures();
        Nets.assertSameOutput(original, rewritten.network(), x);
        assertEquals(
                "4 channels; its fixed gamma 2.0 and beta 0.0 are not applied, as before, and no longer distort its"
                        + " gradient",
                rewritten.report().done().get(0).detail());
        Rewritten<MultiLayerNetwork> restored = BatchNormReplacement.restore(rewritten.network());
        Nets.assertSameOutput(original, restored.network(), x);
        assertEquals(
                "4 channels; its fixed gamma 2.0 is not applied, and distorts its gradient",
                restored.report().done().get(0).detail());
        List<DataSet> batches = List.of(Nets.images(2), Nets.images(3));
        Nets.assertTrainsTheSame(original, restored.network(), batches, x);
        assertThrows(AssertionError.class, () -> Nets.assertTrainsTheSame(original, rewritten.network(), batches, x));
    }

    /** Without a bias whose gradient is zero, and with an updater that hides no factor of gradients. */
    private static MultiLayerNetwork withoutABias(Layer norm) {
        Layer convolution =
                new ConvolutionLayer.Builder(3, 3).nOut(4).hasBias(false).build();
        return Nets.chain(Nets.base().updater(new Sgd(0.1)), Nets.IMAGES, List.of(convolution, norm, Nets.output()));
    }

    /** A beta is no factor of any gradient. */
    @Test
    void fixedBetaAloneDistortsNothing() {
        BatchNormalization norm =
                new BatchNormalization.Builder().lockGammaBeta(true).beta(3).build();
        MultiLayerNetwork original = withoutABias(norm);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertEquals(
                "4 channels; its fixed gamma 1.0 and beta 3.0 are not applied, as before",
                rewritten.report().done().get(0).detail());
        Rewritten<MultiLayerNetwork> restored = BatchNormReplacement.restore(rewritten.network());
        assertEquals("4 channels", restored.report().done().get(0).detail());
        INDArray x = Nets.images(1).getFeatures();
        List<DataSet> batches = List.of(Nets.images(2), Nets.images(3));
        Nets.assertTrainsTheSame(original, rewritten.network(), batches, x);
        Nets.assertTrainsTheSame(original, restored.network(), batches, x);
    }

    @Test
    void notFixedGammaAndBetaAreInitialValuesOnly() {
        BatchNormalization norm =
                new BatchNormalization.Builder().gamma(2).beta(3).build();
        MultiLayerNetwork original =
                Nets.chain(Nets.base(), Nets.IMAGES, List.of(Nets.convolution(4), norm, Nets.output()));
        BatchNorm ours = (BatchNorm) BatchNormReplacement.replace(original)
                .network()
                .getLayer(1)
                .conf()
                .getLayer();
        assertEquals(2, ours.getGamma());
        assertEquals(3, ours.getBeta());
    }

    @Test
    void frozenLayersStayFrozen() {
        List<Layer> layers = List.of(
                new FrozenLayer(Nets.convolution(4)),
                new FrozenLayer(new BatchNormalization.Builder().build()),
                Nets.output());
        MultiLayerNetwork chain = Nets.chain(Nets.base(), Nets.IMAGES, layers);
        assertFrozen(chain);
        List<Layer> others = List.of(
                new FrozenLayer(Nets.convolution(4)),
                new FrozenLayer(new BatchNormalization.Builder().build()),
                Nets.output());
        ComputationGraph graph = Nets.graph(Nets.base(), Nets.IMAGES, others);
        perturb(graph);
        graph.fit(Nets.images(1));
        Rewritten<ComputationGraph> rewritten = BatchNormReplacement.replace(graph);
        INDArray x = Nets.images(2).getFeatures();
        Nets.assertSameOutput(graph, rewritten.network(), x);
        assertEquals(
                "4 channels; in FrozenLayer", rewritten.report().done().get(0).detail());
    }

    private static void perturb(Model model) {
        Nd4j.getRandom().setSeed(3);
        model.params().addi(Nd4j.rand(DataType.DOUBLE, model.params().shape()).muli(0.3));
    }

    private static void assertFrozen(MultiLayerNetwork original) {
        perturb(original);
        for (int step = 0; step < 3; step++) {
            original.fit(Nets.images(step));
        }
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        MultiLayerNetwork replaced = rewritten.network();
        assertEquals(1, rewritten.report().done().size());
        assertInstanceOf(org.deeplearning4j.nn.layers.FrozenLayer.class, replaced.getLayer(1));
        INDArray params = replaced.getLayer(1).params().dup();
        INDArray x = Nets.images(9).getFeatures();
        List<DataSet> batches = IntStream.range(0, 3).mapToObj(Nets::images).toList();
        Nets.assertTrainsTheSame(original, replaced, batches, x);
        assertArrayEquals(
                Nets.doubles(params), Nets.doubles(replaced.getLayer(1).params()));
        MultiLayerNetwork restored = BatchNormReplacement.restore(replaced).network();
        assertInstanceOf(org.deeplearning4j.nn.layers.FrozenLayer.class, restored.getLayer(1));
        Nets.assertSameOutput(replaced, restored, x);
    }

    @Test
    void layersFrozenByHandStayFrozen() {
        List<Layer> layers = List.of(Nets.convolution(4), new BatchNormalization.Builder().build(), Nets.output());
        MultiLayerNetwork chain = Nets.chain(Nets.base(), Nets.IMAGES, layers);
        org.deeplearning4j.nn.api.Layer[] live = chain.getLayers();
        live[0] = new org.deeplearning4j.nn.layers.FrozenLayer(live[0]);
        live[1] = new org.deeplearning4j.nn.layers.FrozenLayer(live[1]);
        assertFrozen(chain);

        ComputationGraph graph = Nets.graph(Nets.base(), Nets.IMAGES, layers);
        graph.getVertex("the_layer_1").setLayerAsFrozen();
        ComputationGraph replaced = BatchNormReplacement.replace(graph).network();
        assertInstanceOf(org.deeplearning4j.nn.layers.FrozenLayer.class, replaced.getLayer("the_layer_1"));
    }

    @Test
    void frozenWithBackprop() {
        List<Layer> layers = List.of(
                Nets.convolution(4),
                new FrozenLayerWithBackprop(new BatchNormalization.Builder().build()),
                Nets.output());
        MultiLayerNetwork original = Nets.chain(Nets.base(), Nets.IMAGES, layers);
        perturb(original);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertEquals(
                "4 channels; in FrozenLayerWithBackprop",
                rewritten.report().done().get(0).detail());
        INDArray x = Nets.images(9).getFeatures();
        Nets.assertSameOutput(original, rewritten.network(), x);
        // DL4J's layer fails here, or computes a wrong gradient.
        INDArray params = rewritten.network().getLayer(1).params().dup();
        rewritten.network().fit(Nets.images(1));
        assertArrayEquals(
                Nets.doubles(params),
                Nets.doubles(rewritten.network().getLayer(1).params()));
        Layer wrapper = original.getLayerWiseConfigurations().getConf(1).getLayer();
        assertInstanceOf(BatchNormalization.class, ((FrozenLayerWithBackprop) wrapper).getUnderlying());
    }

    @Test
    void frozenVertex() {
        ComputationGraph graph = Nets.graph(
                Nets.base(),
                Nets.IMAGES,
                List.of(Nets.convolution(4), new BatchNormalization.Builder().build(), Nets.output()));
        LayerVertex vertex =
                (LayerVertex) graph.getConfiguration().getVertices().get("the_layer_1");
        graph.getConfiguration().getVertices().put("the_layer_1", new FrozenVertex(vertex));
        ComputationGraph original = new ComputationGraph(graph.getConfiguration());
        original.init();
        perturb(original);
        Rewritten<ComputationGraph> rewritten = BatchNormReplacement.replace(original);
        assertEquals(1, rewritten.report().done().size());
        INDArray x = Nets.images(2).getFeatures();
        Nets.assertSameOutput(original, rewritten.network(), x);
    }

    @Test
    void timeDistributed() {
        List<Layer> layers = List.of(
                new TimeDistributed(new BatchNormalization.Builder().build(), RNNFormat.NCW),
                new RnnOutputLayer.Builder()
                        .nOut(Nets.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build());
        MultiLayerNetwork original = Nets.chain(Nets.base(), InputType.recurrent(3, 5), layers);
        perturb(original);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertEquals(
                "3 channels; in TimeDistributed",
                rewritten.report().done().get(0).detail());
        INDArray x = Nets.data(4, DataType.DOUBLE, 6, 3, 5).getFeatures();
        Nets.assertSameOutput(original, rewritten.network(), x);
        Layer wrapper = original.getLayerWiseConfigurations().getConf(0).getLayer();
        assertInstanceOf(BatchNormalization.class, ((TimeDistributed) wrapper).getUnderlying());
    }

    @Test
    void bidirectionalIsKept() {
        List<Layer> layers = List.of(
                new Bidirectional(
                        Bidirectional.Mode.ADD,
                        new TimeDistributed(new BatchNormalization.Builder().build(), RNNFormat.NCW)),
                new RnnOutputLayer.Builder()
                        .nOut(Nets.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build());
        MultiLayerNetwork original = Nets.chain(Nets.base(), InputType.recurrent(3, 5), layers);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertEquals(0, rewritten.report().done().size());
        assertEquals(
                "kept      layer0  inside a Bidirectional, whose layers DL4J ties together when it is made\n"
                        + "0 replaced, 1 kept",
                rewritten.report().toString());
        INDArray x = Nets.data(4, DataType.DOUBLE, 6, 3, 5).getFeatures();
        assertSameBits(original, rewritten.network(), x);
    }

    private static void assertSameBits(MultiLayerNetwork expected, MultiLayerNetwork actual, INDArray x) {
        assertArrayEquals(Nets.doubles(expected.output(x)), Nets.doubles(actual.output(x)));
    }

    /** A class of a user, which may do anything. */
    static final class Special extends BatchNormalization {
        private static final long serialVersionUID = 1;
    }

    @Test
    void subclassIsKept() {
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(
                Nets.chain(Nets.base(), InputType.feedForward(3), List.of(new Special(), Nets.output())));
        assertEquals(
                Special.class.getName() + " may compute something else than BatchNormalization",
                rewritten.report().kept().get(0).detail());
    }

    @Test
    void nothingToReplace() {
        MultiLayerNetwork original = Nets.chain(Nets.base(), Nets.IMAGES, List.of(Nets.convolution(4), Nets.output()));
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertEquals("0 replaced, 0 kept", rewritten.report().toString());
        assertNotSame(original, rewritten.network());
        assertArrayEquals(
                Nets.doubles(original.params()),
                Nets.doubles(rewritten.network().params()));
        assertNull(original.getUpdater(false));
    }

    @Test
    void withoutParametersAtAll() {
        BatchNorm norm = new BatchNorm.Builder()
                .lockGammaBeta(true)
                .runningStatistics(false)
                .build();
        MultiLayerNetwork original = Nets.chain(
                Nets.base(),
                InputType.feedForward(3),
                List.of(norm, new org.deeplearning4j.nn.conf.layers.LossLayer.Builder().build()));
        assertEquals(
                "0 replaced, 0 kept",
                BatchNormReplacement.replace(original).report().toString());
    }

    @Test
    void notInitialized() {
        NeuralNetConfiguration.Builder base = Nets.base();
        MultiLayerNetwork network = new MultiLayerNetwork(base.list()
                .layer(new BatchNormalization())
                .layer(Nets.output())
                .setInputType(InputType.feedForward(3))
                .build());
        assertEquals(
                "expected an initialized network: call init() first",
                assertThrows(IllegalStateException.class, () -> BatchNormReplacement.replace(network))
                        .getMessage());
        ComputationGraph graph = new ComputationGraph(base.graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(3))
                .addLayer("out", Nets.output(), "in")
                .setOutputs("out")
                .build());
        assertThrows(IllegalStateException.class, () -> BatchNormReplacement.restore(graph));
    }

    @Test
    void varianceTooLargeForTheType() {
        MultiLayerNetwork original = Nets.chain(
                Nets.base().dataType(DataType.FLOAT16),
                InputType.feedForward(3),
                List.of(new BatchNormalization.Builder().build(), Nets.output()));
        original.getLayer(0).getParam("log10stdev").putScalar(1, 3);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertDetail(
                "running variance 1000000\\.0\\d* of channel 1, with eps 1.0E-5, does not fit HALF",
                rewritten.report().kept().get(0));
    }

    static Stream<BatchNorm.Builder> withoutCounterpart() {
        return Stream.of(
                new BatchNorm.Builder().runningStatistics(false),
                new BatchNorm.Builder().unbiasedRunningVariance(true),
                new BatchNorm.Builder().activation(Activation.RELU),
                new BatchNorm.Builder().lockGammaBeta(true).gamma(2),
                new BatchNorm.Builder().lockGamma(true),
                new BatchNorm.Builder().lockBeta(true),
                new BatchNorm.Builder().axis(-1),
                new BatchNorm.Builder().regularizeGammaBeta(true).l2(0.1),
                new BatchNorm.Builder().biasUpdater(new Sgd(0.1)),
                new BatchNorm.Builder().dataFormat(RNNFormat.NWC));
    }

    @ParameterizedTest
    @MethodSource("withoutCounterpart")
    void whatDl4jDoesNotHaveIsKept(BatchNorm.Builder builder) {
        MultiLayerNetwork original =
                Nets.chain(Nets.base(), InputType.feedForward(3), List.of(builder.build(), Nets.output()));
        original.fit(Nets.data(1, DataType.DOUBLE, 8, 3));
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.restore(original);
        assertEquals(1, rewritten.report().kept().size(), rewritten.report()::toString);
        INDArray x = Nets.data(2, DataType.DOUBLE, 8, 3).getFeatures();
        assertSameBits(original, rewritten.network(), x);
    }

    /** Each layer of a network that has one sound batch normalization, and one that does not fit. */
    static Stream<Arguments> unsound() {
        return Stream.of(
                Arguments.of(new BatchNormalization.Builder().eps(-1).build(), "expected eps >= 0, got -1.0"),
                Arguments.of(new BatchNormalization.Builder().eps(Double.NaN).build(), "expected eps >= 0, got NaN"),
                Arguments.of(new BatchNormalization.Builder().decay(7).build(), "expected decay in [0, 1], got 7.0"));
    }

    @ParameterizedTest
    @MethodSource("unsound")
    void whatDoesNotFitIsKeptAndTheRestReplaced(Layer unsound, String reason) {
        MultiLayerNetwork original = Nets.chain(
                Nets.base(),
                InputType.feedForward(3),
                List.of(new BatchNormalization.Builder().build(), unsound, Nets.output()));
        RewriteReport report = BatchNormReplacement.replace(original).report();
        assertEquals(1, report.done().size());
        assertEquals(1, report.kept().size());
        assertEquals("layer1", report.kept().get(0).layer());
        assertTrue(report.kept().get(0).detail().contains(reason), report::toString);
    }

    @Test
    void zeroEpsIsReplacedForInferenceAndReported() {
        MultiLayerNetwork original = Nets.chain(
                Nets.base(),
                InputType.feedForward(3),
                List.of(
                        new BatchNormalization.Builder().eps(0).build(),
                        new BatchNormalization.Builder().build(),
                        Nets.output()));
        perturb(original);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.replace(original);
        assertEquals(
                "3 channels; for inference only: BatchNorm does not train with eps 0",
                rewritten.report().done().get(0).detail());
        assertEquals(2, rewritten.report().done().size());
        INDArray x = Nets.data(2, DataType.DOUBLE, 8, 3).getFeatures();
        Nets.assertSameOutput(original, rewritten.network(), x);
        MultiLayerNetwork restored =
                BatchNormReplacement.restore(rewritten.network()).network();
        Nets.assertSameOutput(original, restored, x);
    }

    private static MultiLayerNetwork ours(DataType type, double variance) {
        MultiLayerNetwork network = Nets.chain(
                Nets.base().dataType(type),
                InputType.feedForward(3),
                List.of(new BatchNorm.Builder().build(), Nets.output()));
        network.getLayer(0).getParam(BatchNorm.VARIANCE).putScalar(1, variance);
        return network;
    }

    /** y of channel 1 of vectors, from the formula, in double. */
    private static double expected(double x, double variance) {
        return x / Math.sqrt(variance + 1e-5);
    }

    static Stream<Arguments> smallVariances() {
        return Stream.of(DataType.DOUBLE, DataType.FLOAT)
                .flatMap(type -> DoubleStream.of(-9.9e-6, -1e-7, -1e-45, 0, 1e-45, 1e-20, 1)
                        .mapToObj(variance -> Arguments.of(type, variance)));
    }

    @ParameterizedTest
    @MethodSource("smallVariances")
    void slightlyNegativeAndTinyVariancesAreTakenAsTheyAre(DataType type, double variance) {
        MultiLayerNetwork original = ours(type, variance);
        double stored = original.getLayer(0).getParam(BatchNorm.VARIANCE).getDouble(1);
        Rewritten<MultiLayerNetwork> rewritten = BatchNormReplacement.restore(original);
        assertEquals(1, rewritten.report().done().size(), rewritten.report()::toString);
        MultiLayerNetwork restored = rewritten.network();
        // ε and variance all but cancel: what rounding them in the type leaves, relative to their sum.
        double roundoff = type == DataType.FLOAT ? 0x1p-23 : 0x1p-52;
        double tolerance = 16 * roundoff * (1 + 1e-5 / (stored + 1e-5));
        INDArray x = Nd4j.ones(type, 1, 3);
        for (MultiLayerNetwork network : List.of(
                original, restored, BatchNormReplacement.replace(restored).network())) {
            double y = network.feedForward(x).get(1).getDouble(1);
            assertEquals(expected(1, stored), y, tolerance * expected(1, stored));
        }
        DataSet data = Nets.data(2, type, 8, 3);
        restored.fit(data);
        assertFalse(restored.params().isNaN().any(), "does not train");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.3, -1e-5, Double.NEGATIVE_INFINITY})
    void clearlyNegativeVariancesAreKept(double variance) {
        String reason = "running variance " + variance + " of channel 1 and eps 1.0E-5 have no positive sum";
        MultiLayerNetwork original = ours(DataType.DOUBLE, variance);
        RewriteReport report = BatchNormReplacement.restore(original).report();
        assertEquals(List.of(new Change("layer0", false, reason)), report.changes());

        MultiLayerNetwork theirs = Nets.chain(
                Nets.base(),
                InputType.feedForward(3),
                List.of(new BatchNormalization.Builder().useLogStd(false).build(), Nets.output()));
        theirs.getLayer(0).getParam("var").putScalar(1, variance);
        report = BatchNormReplacement.replace(theirs).report();
        assertEquals(List.of(new Change("layer0", false, reason)), report.changes());
    }

    private static void assertDetail(String pattern, Change change) {
        assertTrue(change.detail().matches(pattern), change::toString);
    }

    /** 10^(2·log10 σ) is 1e-12, which HALF rounds to 0: no matter beside an eps of 1e-5, but all without one. */
    @Test
    void varianceTooSmallForTheType() {
        for (double eps : new double[] {0, 1e-5}) {
            MultiLayerNetwork original = Nets.chain(
                    Nets.base().dataType(DataType.FLOAT16),
                    InputType.feedForward(3),
                    List.of(new BatchNormalization.Builder().eps(eps).build(), Nets.output()));
            original.getLayer(0).getParam("log10stdev").putScalar(1, -6);
            RewriteReport report = BatchNormReplacement.replace(original).report();
            if (eps == 0) {
                assertDetail(
                        "running variance 9\\.9999999\\d*E-13 of channel 1, with eps 0.0, does not fit HALF",
                        report.kept().get(0));
            } else {
                assertEquals(1, report.done().size(), report::toString);
            }
        }
    }

    @Test
    void zeroVarianceIsRestoredToOneThatTrains() {
        MultiLayerNetwork original = Nets.chain(
                Nets.base(), InputType.feedForward(3), List.of(new BatchNorm.Builder().build(), Nets.output()));
        original.getLayer(0).getParam(BatchNorm.VARIANCE).putScalar(0, 0);
        MultiLayerNetwork restored = BatchNormReplacement.restore(original).network();
        DataSet data = Nets.data(2, DataType.DOUBLE, 8, 3);
        Nets.assertSameOutput(original, restored, data.getFeatures());
        Nets.assertTrainsTheSame(original, restored, List.of(data), data.getFeatures());
    }

    @Test
    void reportIsReadable() {
        MultiLayerNetwork original = Nets.chain(
                Nets.base(),
                InputType.feedForward(3),
                List.of(
                        new BatchNormalization.Builder().name("first").build(),
                        new Special(),
                        new BatchNormalization.Builder().build(),
                        Nets.output()));
        assertEquals(
                """
                replaced  first   3 channels
                kept      layer1  SPECIAL may compute something else than BatchNormalization
                replaced  layer2  3 channels
                2 replaced, 1 kept""".replace("SPECIAL", Special.class.getName()),
                BatchNormReplacement.replace(original).report().toString());
    }
}
