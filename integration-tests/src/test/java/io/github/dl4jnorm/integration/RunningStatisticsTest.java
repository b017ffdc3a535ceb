package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Layout;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.Builder;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Running statistics are the recurrence of the batches' statistics, whatever else happens in training. */
class RunningStatisticsTest {
    private static final double DECAY = 0.7;
    private static final int STEPS = 4;

    private static Layer batchNorm() {
        return new BatchNorm.Builder().decay(DECAY).build();
    }

    private static List<DataSet> batches(Kind kind, int count) {
        List<DataSet> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DataSet batch = kind.data(Layout.C, 100 + i);
            // Means of some -50 and variances of some 4, as hard to miss as the ones found corrupted.
            batch.getFeatures().muli(3).subi(50);
            batches.add(batch);
        }
        return batches;
    }

    private static Builder configuration() {
        return Networks.configuration(DataType.DOUBLE).updater(new Adam(0.01));
    }

    private static List<Layer> onTop(Kind kind) {
        return List.of(batchNorm(), kind.hidden(), kind.output());
    }

    /** Trains with the norm at the bottom, where the recurrence is known from the data alone. */
    private static void assertExactAfterTraining(Model net, Kind kind) {
        Recurrence expected = new Recurrence(DECAY, Kind.CHANNELS);
        for (DataSet batch : batches(kind, STEPS)) {
            expected.step(kind.channelAxis(), batch.getFeatures());
            Models.fit(net, batch);
        }
        expected.assertIn(Networks.layer(net, 0));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void areExactForEveryInput(Kind kind) {
        List<Layer> layers = List.of(kind.hidden(), batchNorm(), kind.output());
        Model net = Networks.multiLayer(configuration(), kind.inputType(), layers);
        Recurrence expected = new Recurrence(DECAY, Kind.CHANNELS);
        for (DataSet batch : batches(kind, STEPS)) {
            expected.step(kind.channelAxis(), Networks.activations(net, batch.getFeatures(), 0, true));
            Models.fit(net, batch);
        }
        expected.assertIn(Networks.layer(net, 1));
    }

    static Stream<Object[]> clipping() {
        return Arrays.stream(GradientNormalization.values())
                .flatMap(mode -> Arrays.stream(Type.values()).map(type -> new Object[] {mode, type}));
    }

    @ParameterizedTest
    @MethodSource("clipping")
    void areExactUnderEveryGradientNormalization(GradientNormalization mode, Type type) {
        Builder configuration = configuration().gradientNormalization(mode).gradientNormalizationThreshold(1e-3);
        Kind kind = Kind.CNN_NCHW;
        assertExactAfterTraining(Networks.build(type, configuration, kind.inputType(), onTop(kind)), kind);
    }

    /** With and without running statistics, gamma and beta take the same step: the one of their own clipped gradient. */
    @ParameterizedTest
    @EnumSource(GradientNormalization.class)
    void haveNoPartInClipping(GradientNormalization mode) {
        Kind kind = Kind.CNN_NCHW;
        DataSet batch = batches(kind, 1).get(0);
        INDArray[] steps = new INDArray[2];
        for (int i = 0; i < 2; i++) {
            Layer norm = new BatchNorm.Builder().runningStatistics(i == 0).build();
            MultiLayerNetwork net = Networks.multiLayer(
                    Networks.configuration(DataType.DOUBLE)
                            .gradientNormalization(mode)
                            .gradientNormalizationThreshold(1e-3),
                    kind.inputType(),
                    List.of(norm, kind.hidden(), kind.output()));
            // The gradient is the sum over the examples; the updater takes the mean.
            INDArray gradient = Networks.gradient(net, batch).div(batch.numExamples());
            INDArray before = net.params().dup();
            net.fit(batch);
            INDArray gammaAndBeta = NDArrays.range(gradient, 0, 2L * Kind.CHANNELS);
            steps[i] = NDArrays.range(before.sub(net.params()), 0, 2L * Kind.CHANNELS);
            // Differences of parameters of 1, which round them.
            Tolerances.assertClose(
                    "step",
                    Doubles.of(clipped(mode, gammaAndBeta)),
                    Doubles.of(steps[i]),
                    Tolerances.bound(DataType.DOUBLE, gammaAndBeta.length(), 1, 1));
        }
        NDArrays.assertIdentical(steps[1], steps[0]);
    }

    private static INDArray clipped(GradientNormalization mode, INDArray gammaAndBeta) {
        INDArray gamma = NDArrays.range(gammaAndBeta, 0, Kind.CHANNELS);
        INDArray beta = NDArrays.range(gammaAndBeta, Kind.CHANNELS, 2L * Kind.CHANNELS);
        double threshold = 1e-3;
        return switch (mode) {
            case None -> gammaAndBeta;
            case RenormalizeL2PerLayer -> gammaAndBeta.div(norm(gammaAndBeta));
            case RenormalizeL2PerParamType -> NDArrays.joined(gamma.div(norm(gamma)), beta.div(norm(beta)));
            case ClipElementWiseAbsoluteValue -> NDArrays.clamped(gammaAndBeta, threshold);
            case ClipL2PerLayer -> gammaAndBeta.mul(Math.min(1, threshold / norm(gammaAndBeta)));
            case ClipL2PerParamType ->
                NDArrays.joined(
                        gamma.mul(Math.min(1, threshold / norm(gamma))), beta.mul(Math.min(1, threshold / norm(beta))));
        };
    }

    private static double norm(INDArray array) {
        return array.norm2Number().doubleValue();
    }

    static Stream<UnaryOperator<Builder>> nuisances() {
        return Stream.of(
                c -> c.l1(0.1).l2(0.1).l1Bias(0.1).l2Bias(0.1),
                c -> c.weightDecay(0.1).weightDecayBias(0.1, true),
                c -> c.constrainAllParameters(new NonNegativeConstraint()),
                c -> c.constrainAllParameters(new MaxNormConstraint(0.1, 1)),
                c -> c.constrainAllParameters(new UnitNormConstraint(1)),
                c -> c.weightNoise(new DropConnect(0.5)),
                c -> c.dropOut(0.5),
                c -> c.miniBatch(false));
    }

    @ParameterizedTest
    @MethodSource("nuisances")
    void areExactUnderRegularizationConstraintsAndNoise(UnaryOperator<Builder> nuisance) {
        Kind kind = Kind.FEED_FORWARD;
        Layer norm =
                new BatchNorm.Builder().decay(DECAY).regularizeGammaBeta(true).build();
        assertExactAfterTraining(
                Networks.multiLayer(
                        nuisance.apply(configuration()), kind.inputType(), List.of(norm, kind.hidden(), kind.output())),
                kind);
    }

    @ParameterizedTest
    @EnumSource(Type.class)
    void moveOncePerSegmentOfTruncatedBackpropagation(Type type) {
        Kind kind = Kind.RNN_NCW;
        int length = Kind.STEPS / 2;
        Model net = type == Type.GRAPH
                ? Networks.graph(Networks.chain(configuration(), kind.inputType(), onTop(kind))
                        .backpropType(BackpropType.TruncatedBPTT)
                        .tBPTTForwardLength(length)
                        .tBPTTBackwardLength(length))
                : Networks.multiLayer(Networks.list(configuration(), kind.inputType(), onTop(kind))
                        .backpropType(BackpropType.TruncatedBPTT)
                        .tBPTTLength(length));
        Recurrence expected = new Recurrence(DECAY, Kind.CHANNELS);
        for (DataSet batch : batches(kind, 2)) {
            for (int start = 0; start < Kind.STEPS; start += length) {
                INDArray segment = batch.getFeatures()
                        .get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(start, start + length));
                expected.step(1, segment);
            }
            Models.fit(net, batch);
        }
        expected.assertIn(Networks.layer(net, 0));
    }

    /**
     * Workers take one batch each, then all parameters are averaged, running statistics among them.
     *
     * <p>DL4J copies the net for the other workers while the first one may have taken its first step already. So that
     * this makes no difference, training starts at the statistics of the first batch, which that step leaves as they
     * are.
     */
    @ParameterizedTest
    @CsvSource({"MULTI_LAYER, 2", "MULTI_LAYER, 4", "GRAPH, 2", "GRAPH, 4"})
    void areAveragedByTheParallelWrapper(Type type, int workers) {
        Kind kind = Kind.FEED_FORWARD;
        Model net = Networks.build(type, configuration(), kind.inputType(), onTop(kind));
        List<DataSet> batches = batches(kind, workers * STEPS);
        INDArray first = batches.get(0).getFeatures();
        Networks.layer(net, 0).getParam("mean").assign(first.mean(0));
        Networks.layer(net, 0).getParam("var").assign(first.var(false, 0));
        train(net, ParallelWrapper.TrainingMode.AVERAGING, workers, batches);
        Recurrence expected = new Recurrence(DECAY, Kind.CHANNELS);
        expected.startAt(1, first);
        for (int i = 0; i < batches.size(); i += workers) {
            expected.step(
                    1,
                    batches.subList(i, i + workers).stream()
                            .map(DataSet::getFeatures)
                            .toArray(INDArray[]::new));
        }
        expected.assertIn(Networks.layer(net, 0));
    }

    /** Two workers exchange gradients, encoded; statistics are not sent, so those of the net are its own worker's. */
    @ParameterizedTest
    @EnumSource(Type.class)
    void areThoseOfTheFirstWorkerWhenGradientsAreShared(Type type) {
        Kind kind = Kind.FEED_FORWARD;
        Model net = Networks.build(type, configuration(), kind.inputType(), onTop(kind));
        List<DataSet> batches = batches(kind, 2 * STEPS);
        train(net, ParallelWrapper.TrainingMode.SHARED_GRADIENTS, 2, batches);
        Recurrence expected = new Recurrence(DECAY, Kind.CHANNELS);
        for (int i = 0; i < batches.size(); i += 2) {
            expected.step(1, batches.get(i).getFeatures());
        }
        expected.assertIn(Networks.layer(net, 0));
    }

    private static void train(Model net, ParallelWrapper.TrainingMode mode, int workers, List<DataSet> batches) {
        try (ParallelWrapper wrapper = new ParallelWrapper.Builder<>(net)
                .workers(workers)
                .prefetchBuffer(0)
                .averagingFrequency(1)
                .trainingMode(mode)
                .build()) {
            wrapper.fit(new ListDataSetIterator<>(batches, 1));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Type.class)
    void moveInNothingButAStep(Type type) {
        Kind kind = Kind.CNN_NHWC;
        DataSet batch = batches(kind, 1).get(0);
        Model net = Networks.build(type, configuration(), kind.inputType(), onTop(kind));
        Models.fit(net, batch);
        INDArray before = net.params().dup();

        DataSet other = batches(kind, 2).get(1);
        Networks.gradient(net, other);
        Networks.gradient(net, other);
        Networks.score(net, other, true);
        Networks.score(net, other, false);
        Networks.output(net, other.getFeatures());
        Networks.activations(net, other.getFeatures(), 1, true);
        if (net instanceof MultiLayerNetwork multiLayer) {
            multiLayer.calculateGradients(other.getFeatures(), other.getLabels(), null, null);
            multiLayer.output(other.getFeatures(), true);
            multiLayer.scoreExamples(other, false);
            multiLayer.evaluate(new ListDataSetIterator<>(List.of(other), 1));
        } else {
            ComputationGraph graph = (ComputationGraph) net;
            graph.output(true, other.getFeatures());
            graph.scoreExamples(other, false);
            graph.evaluate(new ListDataSetIterator<>(List.of(other), 1));
        }
        NDArrays.assertIdentical(before, net.params());
    }

    @ParameterizedTest
    @EnumSource(Type.class)
    void moveByTheBatchOfTheStepAfterGradientsOfOthers(Type type) {
        Kind kind = Kind.FEED_FORWARD;
        Model net = Networks.build(type, configuration(), kind.inputType(), onTop(kind));
        List<DataSet> batches = batches(kind, 2);
        Networks.gradient(net, batches.get(0));
        Models.fit(net, batches.get(1));
        Recurrence expected = new Recurrence(DECAY, Kind.CHANNELS);
        expected.step(1, batches.get(1).getFeatures());
        expected.assertIn(Networks.layer(net, 0));
    }

    /** DL4J calls {@code iterationDone} between the parameter step and {@code applyConstraints}. */
    @ParameterizedTest
    @EnumSource(Type.class)
    void moveThoughListenersEvaluateInBetween(Type type) {
        Kind kind = Kind.FEED_FORWARD;
        Model net = Networks.build(type, configuration(), kind.inputType(), onTop(kind));
        DataSet validation = batches(kind, STEPS + 1).get(STEPS);
        net.setListeners(List.of(new BaseTrainingListener() {
            @Override
            public void onGradientCalculation(Model model) {
                Networks.score(model, validation, false);
            }

            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                Networks.output(model, validation.getFeatures());
            }
        }));
        assertExactAfterTraining(net, kind);
    }

    @Test
    void averageUnbiasedVariancesIfAskedTo() {
        Kind kind = Kind.CNN_NCHW;
        Layer norm =
                new BatchNorm.Builder().decay(0).unbiasedRunningVariance(true).build();
        MultiLayerNetwork net =
                Networks.multiLayer(configuration(), kind.inputType(), List.of(norm, kind.hidden(), kind.output()));
        DataSet batch = batches(kind, 1).get(0);
        net.fit(batch);
        INDArray x = batch.getFeatures();
        NDArrays.assertClose(x.mean(0, 2, 3), net.getLayer(0).getParam("mean"), x.length() / x.size(1));
        NDArrays.assertClose(x.var(true, 0, 2, 3), net.getLayer(0).getParam("var"), x.length() / x.size(1));
    }

    @Test
    void areUsedInInference() {
        Kind kind = Kind.FEED_FORWARD;
        MultiLayerNetwork net = Networks.multiLayer(configuration(), kind.inputType(), onTop(kind));
        batches(kind, STEPS).forEach(net::fit);
        INDArray x = batches(kind, 1).get(0).getFeatures();
        org.deeplearning4j.nn.api.Layer norm = net.getLayer(0);
        INDArray expected = x.sub(norm.getParam("mean"))
                .div(Transforms.sqrt(norm.getParam("var").add(1e-5)))
                .mul(norm.getParam("gamma"))
                .add(norm.getParam("beta"));
        NDArrays.assertClose(expected, Networks.activations(net, x, 0, false), 1);
        assertNotEquals(expected, Networks.activations(net, x, 0, true));
    }
}
