package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.internal.engine.RunningAverage;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The implementation of {@link BatchNorm}. From forward to backward it keeps the statistics of the channels, and DL4J the input. */
final class BatchNormImpl extends NormLayerImpl<BatchNorm> {
    private static final Logger LOG = LoggerFactory.getLogger(BatchNormImpl.class);

    /** How many channels a warning names. */
    private static final int MOST_NAMED = 10;

    /** The normalization of the last forward pass: with the statistics of its batch, or given ones. */
    private transient @Nullable NormSpec spec;

    /** What normalized it; of no meaning if every position was masked. */
    private transient @Nullable GroupStatistics statistics;

    /** Statistics of a backward pass that wait for its parameter step, and the number of values behind each. */
    private transient @Nullable GroupStatistics pending;

    private long pendingCount;

    /** Backward passes with statistics of their batch, and whether any of those statistics ever arrived. */
    private int trainingPasses;

    private boolean moved;
    private boolean warnedOfUnmoved;
    private boolean warnedOfSingleValues;
    private boolean warnedOfLineSearch;
    private boolean warnedOfSaturation;
    private boolean warnedOfBadChannels;

    BatchNormImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(false);
        OnShape on = onShape(x);
        Mask mask = checkedMask(on);
        INDArray y = like(x, ArrayType.ACTIVATIONS, workspaceMgr);
        boolean ofItself = training || !layerConf().isRunningStatistics();
        spec = ofItself ? on.spec().checkEps(who()) : on.spec().withGivenStatistics();
        if (mask.hidesAll()) {
            y.assign(0);
        } else if (mask.hidesNone()) {
            normalize(on, spec, x, training, y);
        } else {
            INDArray rows = mask.gather(x);
            INDArray normalized = rows.ulike();
            normalize(on, ofRows(), rows, training, normalized);
            mask.scatter(normalized, y);
        }
        return y;
    }

    private Mask checkedMask(OnShape on) {
        int axis = on.groups().affine()[0];
        if (maskArray != null && axis != on.channelAxis()) {
            throw new DL4JInvalidInputException(who() + ": cannot keep statistics per index of axis " + axis
                    + " with a mask, of shape " + Arrays.toString(maskArray.shape()) + "; its channels are on axis "
                    + on.channelAxis());
        }
        return mask(on);
    }

    /** The normalization of gathered positions, [K, C]. */
    private NormSpec ofRows() {
        return spec.withAxes(NormAxes.perChannel(1));
    }

    private void normalize(OnShape on, NormSpec of, INDArray x, boolean training, INDArray y) {
        if (of.statistic().isGiven()) {
            warnOfUnmoved();
            statistics = given(on);
        } else {
            if (training) {
                warnOfSingleValues(x, on);
            }
            statistics = roomFor(on);
        }
        EngineChoice.current().forward(of, x, affine(on), statistics, y);
        if (training && !of.statistic().isGiven()) {
            warnOfBadChannels(statistics.measure());
        }
    }

    private GroupStatistics given(OnShape on) {
        INDArray mean = getParam(BatchNorm.MEAN);
        INDArray variance = getParam(BatchNorm.VARIANCE);
        String who = who();
        NormChecks.statistic(who, BatchNorm.MEAN, on.groups(), dataType, mean);
        NormChecks.statistic(who, BatchNorm.VARIANCE, on.groups(), dataType, variance);
        NormChecks.variance(who, BatchNorm.VARIANCE, on.spec(), on.groups(), variance);
        return GroupStatistics.given(mean, variance).wide();
    }

    /**
     * Room for statistics of a batch: that of the last pass, unless its numbers wait for their parameter step, or it had
     * given statistics, which are parameters and come without a scale.
     */
    private GroupStatistics roomFor(OnShape on) {
        boolean free = statistics != null && statistics != pending && statistics.scale() != null;
        return free && Arrays.equals(statistics.measure().shape(), on.groups().statisticShape())
                ? statistics
                : GroupStatistics.allocate(on.spec(), on.groups(), dataType);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(true);
        INDArray dy = checkedEpsilon(epsilon, x);
        OnShape on = onShape(x);
        Mask mask = checkedMask(on);
        INDArray dx = like(x, ArrayType.ACTIVATION_GRAD, workspaceMgr);
        // Not dropped by a forward pass: listeners evaluate between a step's backward pass and its applyConstraints.
        pending = null;
        // The gradient of the statistics stays zero: they move in applyConstraints.
        if (gradientsFlattened != null) {
            gradientsFlattened.assign(0);
        }
        if (mask.hidesAll()) {
            dx.assign(0);
        } else if (mask.hidesNone()) {
            backprop(on, spec, x, dy, dx);
        } else {
            INDArray rows = mask.gather(x);
            INDArray dRows = rows.ulike();
            backprop(on, ofRows(), rows, mask.gather(dy), dRows);
            mask.scatter(dRows, dx);
        }
        return new Pair<>(gradients(), dx);
    }

    private void backprop(OnShape on, NormSpec of, INDArray x, INDArray dy, INDArray dx) {
        EngineChoice.current().backward(of, x, dy, affine(on), statistics, gradientsInto(dx));
        if (!of.statistic().isGiven() && layerConf().isRunningStatistics()) {
            pending = statistics;
            pendingCount = valuesPerChannel(x, on);
            trainingPasses++;
        }
    }

    /**
     * Moves the running statistics: DL4J calls this once per parameter step, after it, and never for a frozen layer.
     */
    @Override
    public void applyConstraints(int iteration, int epoch) {
        if (pending != null) {
            warnOfLineSearch();
            double decay = layerConf().getDecay();
            INDArray variance = layerConf().isUnbiasedRunningVariance()
                    ? RunningAverage.unbiased(pending.measure(), pendingCount)
                    : pending.measure();
            boolean saturated = RunningAverage.move(getParam(BatchNorm.MEAN), pending.center(), decay);
            saturated |= RunningAverage.move(getParam(BatchNorm.VARIANCE), variance, decay);
            warnOfSaturation(saturated);
            pending = null;
            moved = true;
        }
        super.applyConstraints(iteration, epoch);
    }

    private void warnOfLineSearch() {
        if (conf.getOptimizationAlgo() != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT && !warnedOfLineSearch) {
            warnedOfLineSearch = true;
            LOG.warn(
                    "{}: under {} DL4J restores all parameters from a copy of its own, which undoes what the running "
                            + "statistics learn; use STOCHASTIC_GRADIENT_DESCENT, or runningStatistics(false)",
                    who(),
                    conf.getOptimizationAlgo());
        }
    }

    /** One pass alone says nothing: listeners evaluate between the first backward pass and the end of its step. */
    private void warnOfUnmoved() {
        if (!moved && trainingPasses > 1 && !warnedOfUnmoved) {
            warnedOfUnmoved = true;
            LOG.warn(
                    "{}: inference uses running statistics that none of {} training passes moved; whoever trains "
                            + "without fit must call the network's applyConstraints(iteration, epoch) after each step, as "
                            + "fit does",
                    who(),
                    trainingPasses);
        }
    }

    private void warnOfSaturation(boolean saturated) {
        if (saturated && !warnedOfSaturation) {
            warnedOfSaturation = true;
            LOG.warn(
                    "{}: a running statistic is larger than {} can hold and stays at its largest number; scale the "
                            + "activations down, or keep the network in FLOAT",
                    who(),
                    dataType);
        }
    }

    @Override
    void warnOfPrecision() {
        double decay = layerConf().getDecay();
        if (layerConf().isRunningStatistics() && RunningAverage.losesSteps(dataType, decay)) {
            LOG.warn(
                    "{}: with decay {} most steps of the running statistics are below the digits of {} and are lost; "
                            + "use a smaller decay, or keep the network in FLOAT",
                    who(),
                    decay,
                    dataType);
        }
    }

    /** The number of values behind each statistic of x, which are all of the input or those that a mask left. */
    private static long valuesPerChannel(INDArray x, OnShape on) {
        return x.length() / on.groups().parameterShape()[0];
    }

    /** Looks until there is something to say: a variance that is no number, and then the mean need not be one either. */
    private void warnOfBadChannels(INDArray variance) {
        if (warnedOfBadChannels || NormChecks.notFinite(variance) == 0) {
            return;
        }
        warnedOfBadChannels = true;
        long[] bad = LongStream.range(0, variance.length())
                .filter(i -> !Double.isFinite(variance.getDouble(i)))
                .toArray();
        String named = Arrays.toString(Arrays.copyOf(bad, Math.min(bad.length, MOST_NAMED)));
        LOG.warn(
                "{}: activations of {} of {} channels are NaN, infinite, or too large for a variance in {}: channels {}{}; "
                        + "their statistics, running ones included, are not finite, those of the others are as ever",
                who(),
                bad.length,
                variance.length(),
                variance.dataType(),
                named,
                bad.length > MOST_NAMED ? " and more" : "");
    }

    private void warnOfSingleValues(INDArray x, OnShape on) {
        if (valuesPerChannel(x, on) == 1 && !warnedOfSingleValues) {
            warnedOfSingleValues = true;
            LOG.warn(
                    "{}: one value per channel in training: every output is beta and no gradient passes; "
                            + "use more examples per batch",
                    who());
        }
    }
}
