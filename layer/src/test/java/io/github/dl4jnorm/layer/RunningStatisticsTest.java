package io.github.dl4jnorm.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The running statistics move once per parameter step, exactly, and by nothing else. */
class RunningStatisticsTest {
    private static final int FEATURES = 4;
    private static final int BATCH = 8;

    /** No test has more. */
    private static final int STEPS = 8;

    /** What the running statistics should be. */
    private static final class Expected {
        private final double decay;
        private INDArray mean = Nd4j.zeros(DataType.DOUBLE, 1, FEATURES);
        private INDArray variance = Nd4j.ones(DataType.DOUBLE, 1, FEATURES);

        Expected(double decay) {
            this.decay = decay;
        }

        void step(INDArray rows, boolean unbiased) {
            mean = mean.mul(decay).add(rows.mean(true, 0).mul(1 - decay));
            variance = variance.mul(decay).add(rows.var(unbiased, 0).mul(1 - decay));
        }

        void check(Map<String, INDArray> parameters, String layer) {
            check(parameters, layer + "_mean", layer + "_var");
        }

        void check(Map<String, INDArray> parameters, String ofMean, String ofVariance) {
            double largest = Math.max(1, mean.amaxNumber().doubleValue());
            Expect.close(mean, parameters.get(ofMean), rounding(BATCH + STEPS, largest));
            // Not that of differences, for what is below rounds too.
            Expect.close(variance, parameters.get(ofVariance), rounding(BATCH + STEPS, largest * largest));
        }
    }

    /** Means around 50, for which every clipping mode would damage a "gradient". */
    /** Of a sum of some terms of a size. */
    private static double rounding(int terms, double size) {
        return Tolerances.bound(DataType.DOUBLE, terms, size, size);
    }

    private static DataSet data(long seed) {
        Nd4j.getRandom().setSeed(seed + 1); // ND4J takes 0 for any seed
        INDArray x = Nd4j.randn(DataType.DOUBLE, BATCH, FEATURES).muli(3).addi(50 + seed);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, BATCH, 2);
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, i % 2, 1);
        }
        return new DataSet(x, labels);
    }

    private static NeuralNetConfiguration.Builder base(IUpdater updater) {
        return new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .updater(updater)
                .activation(Activation.TANH);
    }

    private static MultiLayerNetwork network(NeuralNetConfiguration.Builder base, Layer... layers) {
        NeuralNetConfiguration.ListBuilder list = base.list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.layer(output())
                .setInputType(InputType.feedForward(FEATURES))
                .build());
        network.init();
        return network;
    }

    private static Layer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(2)
                .build();
    }

    private static ComputationGraph graph(NeuralNetConfiguration.Builder base, Layer... layers) {
        return Scenario.FEED_FORWARD.graph(base, concat(layers));
    }

    private static List<Layer> concat(Layer... layers) {
        List<Layer> all = new ArrayList<>(List.of(layers));
        all.add(output());
        return all;
    }

    private static BatchNorm batchNorm() {
        return new BatchNorm.Builder().build();
    }

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(FEATURES).build();
    }

    /** What a listener does between a step's backward pass and its end: the next batch must not take its place. */
    @Test
    void areThoseOfTheStepWhateverPassesBeforeItsEnd() {
        SingleLayer layer = new SingleLayer(batchNorm(), FEATURES, DataType.DOUBLE);
        Expected expected = new Expected(0.9);
        for (long seed = 0; seed < 3; seed++) {
            INDArray x = data(seed).getFeatures();
            layer.forward(x, true);
            layer.backward(x);
            layer.forward(data(seed + 10).getFeatures(), true);
            layer.step();
            expected.step(x, false);
        }
        expected.check(layer.layer.paramTable(), BatchNorm.MEAN, BatchNorm.VARIANCE);
    }

    @ParameterizedTest
    @EnumSource(GradientNormalization.class)
    void exactUnderEveryGradientNormalization(GradientNormalization normalization) {
        NeuralNetConfiguration.Builder first =
                base(new Sgd(0.1)).gradientNormalization(normalization).gradientNormalizationThreshold(1e-3);
        MultiLayerNetwork network = network(first, batchNorm(), dense());
        ComputationGraph graph = graph(first.clone(), batchNorm(), dense());
        assertExactAfter(5, network, graph);
    }

    private static void assertExactAfter(int steps, MultiLayerNetwork network, ComputationGraph graph) {
        Expected expected = new Expected(0.9);
        for (int i = 0; i < steps; i++) {
            network.fit(data(i));
            graph.fit(data(i));
            expected.step(data(i).getFeatures(), false);
        }
        expected.check(network.paramTable(), "0");
        expected.check(graph.paramTable(), "layer0");
    }

    @ParameterizedTest
    @EnumSource(GradientNormalization.class)
    void exactDeeperInTheNetwork(GradientNormalization normalization) {
        // With a learning rate of 0 the activations of the layer before do not change.
        NeuralNetConfiguration.Builder base =
                base(new Sgd(0)).gradientNormalization(normalization).gradientNormalizationThreshold(1e-3);
        MultiLayerNetwork network = network(base, dense(), batchNorm());
        ComputationGraph graph = graph(base.clone(), dense(), batchNorm());
        graph.setParams(network.params());
        Expected expected = new Expected(0.9);
        for (int i = 0; i < 3; i++) {
            INDArray activations = network.feedForward(data(i).getFeatures()).get(1);
            network.fit(data(i));
            graph.fit(data(i));
            expected.step(activations, false);
        }
        expected.check(network.paramTable(), "1");
        expected.check(graph.paramTable(), "layer1");
    }

    @ParameterizedTest
    @EnumSource(GradientNormalization.class)
    void doNotInfluenceTheClippingNorm(GradientNormalization normalization) {
        MultiLayerNetwork with = network(
                base(new Sgd(0.1)).gradientNormalization(normalization).gradientNormalizationThreshold(1e-3),
                batchNorm(),
                dense());
        MultiLayerNetwork without = network(
                base(new Sgd(0.1)).gradientNormalization(normalization).gradientNormalizationThreshold(1e-3),
                new BatchNorm.Builder().runningStatistics(false).build(),
                dense());
        without.paramTable().forEach((name, value) -> value.assign(with.getParam(name)));
        for (int i = 0; i < 3; i++) {
            with.fit(data(i));
            without.fit(data(i));
        }
        without.paramTable().forEach((name, value) -> Expect.same(value, with.getParam(name)));
    }

    @Test
    void oncePerStepOfTruncatedBackpropagationThroughTime() {
        MultiLayerConfiguration conf = base(new Sgd(0.1))
                .list()
                .layer(batchNorm())
                .layer(new LSTM.Builder().nOut(3).build())
                .layer(new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build())
                .setInputType(InputType.recurrent(FEATURES))
                .backpropType(BackpropType.TruncatedBPTT)
                .tBPTTLength(2)
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        INDArray x = Nd4j.randn(DataType.DOUBLE, BATCH, FEATURES, 6).muli(3).addi(50);
        network.fit(new DataSet(x, Nd4j.rand(DataType.DOUBLE, BATCH, 2, 6)));
        Expected expected = new Expected(0.9);
        for (int t = 0; t < 6; t += 2) {
            INDArray segment = x.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(t, t + 2));
            expected.step(segment.permute(0, 2, 1).dup('c').reshape('c', 2 * BATCH, FEATURES), false);
        }
        expected.check(network.paramTable(), "0");
    }

    @Test
    void notByComputingGradientsOrScores() {
        MultiLayerNetwork network = network(base(new Sgd(0.1)), batchNorm(), dense());
        ComputationGraph graph = graph(base(new Sgd(0.1)), batchNorm(), dense());
        INDArray before = network.params().dup();
        INDArray beforeOfGraph = graph.params().dup();
        DataSet data = data(0);
        for (int i = 0; i < 3; i++) {
            network.setInput(data.getFeatures());
            network.setLabels(data.getLabels());
            network.computeGradientAndScore();
            network.calculateGradients(data.getFeatures(), data.getLabels(), null, null);
            network.score(data, true);
            network.feedForward(data.getFeatures(), true);
            network.output(data.getFeatures(), true);
            graph.setInputs(data.getFeatures());
            graph.setLabels(data.getLabels());
            graph.computeGradientAndScore();
            graph.score(data, true);
            graph.output(true, data.getFeatures());
        }
        Expect.same(before, network.params());
        Expect.same(beforeOfGraph, graph.params());

        // And a step after that moves them by its own batch alone.
        network.fit(data(7));
        graph.fit(data(7));
        Expected expected = new Expected(0.9);
        expected.step(data(7).getFeatures(), false);
        expected.check(network.paramTable(), "0");
        expected.check(graph.paramTable(), "layer0");
    }

    @Test
    void aBackwardPassOfInferenceMovesNothing() {
        SingleLayer layer = new SingleLayer(batchNorm(), FEATURES, DataType.DOUBLE);
        INDArray x = data(0).getFeatures();
        layer.forward(x, true);
        layer.backward(x);
        layer.forward(x, false);
        layer.backward(x);
        layer.step();
        Expect.zeros(layer.parameter("mean"));
    }

    @Test
    void notDisturbedByListenersThatEvaluate() {
        MultiLayerNetwork network = network(base(new Sgd(0.1)), batchNorm(), dense());
        ComputationGraph graph = graph(base(new Sgd(0.1)), batchNorm(), dense());
        // DL4J calls this within a parameter step, before the statistics move.
        BaseTrainingListener evaluation = new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                if (model instanceof MultiLayerNetwork trained) {
                    trained.output(data(100).getFeatures());
                    trained.score(data(100), true);
                } else {
                    ((ComputationGraph) model).output(true, data(100).getFeatures());
                }
            }
        };
        network.setListeners(evaluation);
        graph.setListeners(evaluation);
        assertExactAfter(3, network, graph);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1})
    void weighTheOldValueByDecay(double decay) {
        MultiLayerNetwork network =
                network(base(new Sgd(0.1)), new BatchNorm.Builder().decay(decay).build());
        Expected expected = new Expected(decay);
        for (int i = 0; i < 3; i++) {
            network.fit(data(i));
            expected.step(data(i).getFeatures(), false);
        }
        expected.check(network.paramTable(), "0");
    }

    @Test
    void averageUnbiasedVariancesIfAsked() {
        MultiLayerNetwork network = network(
                base(new Sgd(0.1)),
                new BatchNorm.Builder().unbiasedRunningVariance(true).build());
        Expected expected = new Expected(0.9);
        for (int i = 0; i < 3; i++) {
            network.fit(data(i));
            expected.step(data(i).getFeatures(), true);
        }
        expected.check(network.paramTable(), "0");
    }

    @Test
    void unbiasedVarianceOfASingleValueIsTheBiasedOne() {
        SingleLayer layer = new SingleLayer(
                new BatchNorm.Builder().unbiasedRunningVariance(true).build(), FEATURES, DataType.DOUBLE);
        INDArray x = Nd4j.rand(DataType.DOUBLE, 1, FEATURES);
        Warnings.during(() -> layer.forward(x, true));
        layer.backward(x);
        layer.step();
        Expect.close(
                Nd4j.valueArrayOf(new long[] {1, FEATURES}, 0.9, DataType.DOUBLE),
                layer.parameter("var"),
                rounding(1, 1));
    }

    @Test
    void inferenceUsesThem() {
        MultiLayerNetwork network = network(base(new Sgd(0.1)), batchNorm());
        network.fit(data(0));
        INDArray x = data(1).getFeatures();
        INDArray mean = network.getParam("0_mean");
        INDArray std = Transforms.sqrt(network.getParam("0_var").add(1e-5));
        INDArray expected = x.subRowVector(mean)
                .divRowVector(std)
                .mulRowVector(network.getParam("0_gamma"))
                .addRowVector(network.getParam("0_beta"));
        double size = x.amaxNumber().doubleValue() / std.minNumber().doubleValue();
        Expect.close(expected, network.feedForward(x).get(1), rounding(1, size));
    }

    @Test
    void haveNoUpdaterState() {
        MultiLayerNetwork network = network(base(new Adam(0.1)), batchNorm());
        long trained = 2 * FEATURES + (FEATURES + 1) * 2;
        assertEquals(2 * trained, network.getUpdater().getStateViewArray().length());
    }

    @Test
    void regularizationLeavesThemAndByDefaultGammaAndBeta() {
        MultiLayerNetwork plain = network(base(new Sgd(0.1)), batchNorm());
        MultiLayerNetwork regularized =
                network(base(new Sgd(0.1)).l1(0.1).l2(0.1).l2Bias(0.1), batchNorm());
        MultiLayerNetwork asked = network(
                base(new Sgd(0.1)).l2(0.1).l2Bias(0.2),
                new BatchNorm.Builder().beta(0.5).regularizeGammaBeta(true).build());
        regularized.setParams(plain.params());
        INDArray gamma = asked.getParam("0_gamma").dup();
        INDArray beta = asked.getParam("0_beta").dup();
        asked.setInput(data(0).getFeatures());
        asked.setLabels(data(0).getLabels());
        asked.computeGradientAndScore();
        INDArray dGamma = asked.gradient().getGradientFor("0_gamma").dup().divi(BATCH);
        INDArray dBeta = asked.gradient().getGradientFor("0_beta").dup().divi(BATCH);

        plain.fit(data(0));
        regularized.fit(data(0));
        asked.fit(data(0));
        for (String name : List.of("0_gamma", "0_beta", "0_mean", "0_var")) {
            Expect.same(plain.getParam(name), regularized.getParam(name));
        }
        Expect.close(gamma.sub(dGamma.add(gamma.mul(0.1)).mul(0.1)), asked.getParam("0_gamma"), rounding(BATCH, 1));
        Expect.close(beta.sub(dBeta.add(beta.mul(0.2)).mul(0.1)), asked.getParam("0_beta"), rounding(BATCH, 1));
        Expect.same(plain.getParam("0_mean"), asked.getParam("0_mean"));
        Expect.same(plain.getParam("0_var"), asked.getParam("0_var"));
    }

    @Test
    void constraintsLeaveThem() {
        MultiLayerNetwork network = network(
                base(new Sgd(0.1)),
                new BatchNorm.Builder()
                        .gamma(-1)
                        .constrainAllParameters(new NonNegativeConstraint())
                        .build());
        DataSet negative = new DataSet(data(0).getFeatures().neg(), data(0).getLabels());
        network.fit(negative);
        Expected expected = new Expected(0.9);
        expected.step(negative.getFeatures(), false);
        expected.check(network.paramTable(), "0");
        assertEquals(0, network.getParam("0_gamma").minNumber().doubleValue());
    }

    @Test
    void weightNoiseAndDropoutOfTheNetworkDoNotReachTheLayer() {
        MultiLayerNetwork network =
                network(base(new Sgd(0.1)).weightNoise(new DropConnect(0.5)).dropOut(0.5), batchNorm());
        INDArray x = data(0).getFeatures();
        INDArray expected = x.subRowVector(x.mean(0))
                .divRowVector(Transforms.sqrt(x.var(false, 0).add(1e-5)));
        Expect.close(
                expected,
                network.getLayer(0).activate(x, true, LayerWorkspaceMgr.noWorkspaces()),
                rounding(BATCH, x.amaxNumber().doubleValue()));
        network.fit(data(0));
        Expected statistics = new Expected(0.9);
        statistics.step(x, false);
        statistics.check(network.paramTable(), "0");
    }

    @Test
    void oneValuePerChannelNormalizesToBetaAndPassesNoGradient() {
        SingleLayer layer = new SingleLayer(new BatchNorm.Builder().beta(0.25).build(), FEATURES, DataType.DOUBLE);
        INDArray x = Nd4j.rand(DataType.DOUBLE, 1, FEATURES);
        List<String> warnings = Warnings.during(() -> {
            Expect.same(Nd4j.valueArrayOf(new long[] {1, FEATURES}, 0.25), layer.forward(x, true));
            Expect.zeros(layer.backward(x));
            layer.forward(x, true);
        });
        assertEquals(
                List.of(
                        "BatchNorm \"norm\" (layer index 3): one value per channel in training: every output is beta and no"
                                + " gradient passes; use more examples per batch"),
                warnings);
        assertTrue(Warnings.during(() -> layer.forward(x, false)).isEmpty());
        assertNotEquals(0, layer.forward(x, false).sumNumber().doubleValue());
    }

    @ParameterizedTest
    @EnumSource(OptimizationAlgorithm.class)
    void optimizersThatOverwriteThemAreWarnedAbout(OptimizationAlgorithm algorithm) {
        MultiLayerNetwork network = network(base(new Sgd(0.1)).optimizationAlgo(algorithm), batchNorm());
        List<String> warnings = Warnings.during(() -> {
            network.fit(data(0));
            network.fit(data(1));
        });
        if (algorithm == OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            assertEquals(List.of(), warnings);
        } else {
            assertEquals(1, warnings.size());
            assertTrue(warnings.get(0).contains("under " + algorithm + " DL4J restores all parameters"));
        }
    }

    /** A step as DL4J's users of external errors write it, with or without what {@code fit} does at its end. */
    private static void stepByHand(MultiLayerNetwork network, int iteration, boolean constraints) {
        network.setInput(data(iteration).getFeatures());
        network.feedForward(true, false);
        INDArray error = Nd4j.ones(DataType.DOUBLE, BATCH, FEATURES);
        Gradient gradient = network.backpropGradient(error, LayerWorkspaceMgr.noWorkspaces())
                .getFirst();
        network.getUpdater().update(network, gradient, iteration, 0, BATCH, LayerWorkspaceMgr.noWorkspaces());
        network.params().subi(gradient.gradient());
        if (constraints) {
            network.applyConstraints(iteration, 0);
        }
    }

    private static void stepByHand(ComputationGraph graph, int iteration, boolean constraints) {
        graph.feedForward(new INDArray[] {data(iteration).getFeatures()}, true, false);
        Gradient gradient = graph.backpropGradient(Nd4j.ones(DataType.DOUBLE, BATCH, FEATURES));
        graph.getUpdater().update(gradient, iteration, 0, BATCH, LayerWorkspaceMgr.noWorkspaces());
        graph.params().subi(gradient.gradient());
        if (constraints) {
            graph.applyConstraints(iteration, 0);
        }
    }

    private static MultiLayerNetwork forExternalErrors() {
        MultiLayerNetwork network = new MultiLayerNetwork(base(new Sgd(0.1))
                .list()
                .layer(new BatchNorm.Builder().name("norm").build())
                .layer(new BatchNorm.Builder().name("second").build())
                .setInputType(InputType.feedForward(FEATURES))
                .build());
        network.init();
        return network;
    }

    private static ComputationGraph graphForExternalErrors() {
        ComputationGraph graph = new ComputationGraph(base(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(FEATURES))
                .addLayer("norm", new BatchNorm.Builder().build(), "in")
                .setOutputs("norm")
                .build());
        graph.init();
        return graph;
    }

    private static String notMoved(String layer, int index, int passes) {
        return "BatchNorm \"" + layer + "\" (layer index " + index
                + "): inference uses running statistics that none of "
                + passes + " training passes moved; whoever trains without fit must call the network's"
                + " applyConstraints(iteration, epoch) after each step, as fit does";
    }

    @Test
    void trainingByHandWithoutApplyConstraintsIsWarnedAboutOnce() {
        MultiLayerNetwork network = forExternalErrors();
        ComputationGraph graph = graphForExternalErrors();
        INDArray x = data(9).getFeatures();
        assertEquals(List.of(), Warnings.during(() -> {
            for (int i = 0; i < 3; i++) {
                stepByHand(network, i, false);
                stepByHand(graph, i, false);
            }
        }));
        assertEquals(
                List.of(notMoved("norm", 0, 3), notMoved("second", 1, 3)), Warnings.during(() -> network.output(x)));
        assertEquals(List.of(), Warnings.during(() -> network.output(x)));
        // In graphs DL4J counts the input too.
        assertEquals(List.of(notMoved("norm", 1, 3)), Warnings.during(() -> graph.outputSingle(x)));
        assertEquals(List.of(), Warnings.during(() -> graph.outputSingle(x)));
    }

    @Test
    void trainingByHandWithApplyConstraintsMovesThemExactly() {
        MultiLayerNetwork network = forExternalErrors();
        ComputationGraph graph = graphForExternalErrors();
        Expected expected = new Expected(0.9);
        assertEquals(List.of(), Warnings.during(() -> {
            for (int i = 0; i < 3; i++) {
                stepByHand(network, i, true);
                stepByHand(graph, i, true);
                expected.step(data(i).getFeatures(), false);
            }
            network.output(data(9).getFeatures());
            graph.outputSingle(data(9).getFeatures());
        }));
        expected.check(network.paramTable(), "0");
        expected.check(graph.paramTable(), "norm");
    }

    @Test
    void noWarningOfStatisticsThatAreToMoveOrNeedNot() {
        MultiLayerNetwork trained = network(base(new Sgd(0.1)), batchNorm());
        trained.setListeners(new BaseTrainingListener() {
            @Override
            public void onBackwardPass(Model model) {
                trained.output(data(5).getFeatures());
            }
        });
        MultiLayerNetwork without = network(
                base(new Sgd(0.1)),
                new BatchNorm.Builder().runningStatistics(false).build());
        MultiLayerNetwork loaded = network(base(new Sgd(0.1)), batchNorm());
        assertEquals(List.of(), Warnings.during(() -> {
            trained.fit(data(0));
            trained.fit(data(1));
            // Gradients with respect to the input, of a trained network.
            for (int i = 0; i < 3; i++) {
                trained.calculateGradients(data(2).getFeatures(), data(2).getLabels(), null, null);
                without.calculateGradients(data(2).getFeatures(), data(2).getLabels(), null, null);
            }
            trained.output(data(3).getFeatures());
            without.output(data(3).getFeatures());
            loaded.output(data(3).getFeatures());
        }));
    }
}
