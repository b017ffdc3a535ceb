package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.GroupStatistics;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.engine.RunningAverage;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The implementation of {@link BatchNorm}. From forward to backward it keeps the statistics of the channels, and DL4J the input. */
final class BatchNormImpl extends NormLayerImpl<BatchNorm> {
    private static final Logger LOG = LoggerFactory.getLogger(BatchNormImpl.class);

    /** The normalization of the last forward pass: with the statistics of its batch, or given ones. */
    private transient NormSpec spec;

    /** What normalized it; null if every position was masked. */
    private transient GroupStatistics statistics;

    /** Statistics of a backward pass that wait for its parameter step, and the number of values behind each. */
    private transient GroupStatistics pending;

    private long pendingCount;
    private boolean warnedOfSingleValues;
    private boolean warnedOfLineSearch;
    private boolean warnedOfSaturation;

    BatchNormImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(false);
        checkAxis(x.shape());
        Mask mask = checkedMask(x.shape());
        INDArray y = like(x, ArrayType.ACTIVATIONS, workspaceMgr);
        boolean ofBatch = training || !layerConf().isRunningStatistics();
        NormSpec ofX = layerConf().specOf(who(), x.shape());
        spec = ofBatch ? ofX.checkEps(who()) : ofX.withGivenStatistics();
        statistics = null;
        if (mask.hidesAll()) {
            y.assign(0);
        } else if (mask.hidesNone()) {
            normalize(spec, x, training, y);
        } else {
            INDArray rows = mask.gather(x);
            INDArray normalized = rows.ulike();
            normalize(ofRows(), rows, training, normalized);
            mask.scatter(normalized, y);
        }
        return y;
    }

    private void checkAxis(long... shape) {
        Groups groups = layerConf().groupsOf(who(), shape);
        long size = groups.parameterShape()[0];
        for (Parameter parameter : layerConf().parameters()) {
            // The number of channels has been checked already.
            if (layerConf().getAxes() != null && parameter.length() != size) {
                throw new DL4JInvalidInputException(who() + ": expected size " + parameter.length() + " on axis "
                        + groups.affine()[0] + ", got shape " + Arrays.toString(shape));
            }
        }
    }

    private Mask checkedMask(long... shape) {
        int channelAxis = channelAxis(shape);
        int axis = layerConf().groupsOf(who(), shape).affine()[0];
        if (maskArray != null && axis != channelAxis) {
            throw new DL4JInvalidInputException(who() + ": cannot keep statistics per index of axis " + axis
                    + " with a mask, of shape " + Arrays.toString(maskArray.shape()) + "; its channels are on axis "
                    + channelAxis);
        }
        return Mask.of(who(), maskArray, shape, channelAxis);
    }

    /** The normalization of gathered positions, [K, C]. */
    private NormSpec ofRows() {
        return spec.withAxes(NormAxes.perChannel(1));
    }

    private void normalize(NormSpec of, INDArray x, boolean training, INDArray y) {
        Groups groups = of.on(who(), x.shape());
        if (of.statistic().isGiven()) {
            INDArray mean = getParam(BatchNorm.MEAN);
            INDArray variance = getParam(BatchNorm.VARIANCE);
            NormChecks.statistic(who(), BatchNorm.MEAN, groups, x.dataType(), mean);
            NormChecks.statistic(who(), BatchNorm.VARIANCE, groups, x.dataType(), variance);
            statistics = GroupStatistics.given(mean, variance).wide();
        } else {
            if (training) {
                warnOfSingleValues(groups);
            }
            statistics = GroupStatistics.allocate(of, groups, x.dataType());
        }
        NormEngines.current().forward(of, x, affine(groups), statistics, y);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(true);
        INDArray dy = checkedEpsilon(epsilon, x);
        Mask mask = checkedMask(x.shape());
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
            backprop(spec, x, dy, dx);
        } else {
            INDArray rows = mask.gather(x);
            INDArray dRows = rows.ulike();
            backprop(ofRows(), rows, mask.gather(dy), dRows);
            mask.scatter(dRows, dx);
        }
        return new Pair<>(gradients(), dx);
    }

    private void backprop(NormSpec of, INDArray x, INDArray dy, INDArray dx) {
        Groups groups = of.on(who(), x.shape());
        NormEngines.current().backward(of, x, dy, affine(groups), statistics, gradientsInto(dx));
        if (!of.statistic().isGiven() && layerConf().isRunningStatistics()) {
            pending = statistics;
            pendingCount = groups.groupSize();
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
            boolean unbiased = layerConf().isUnbiasedRunningVariance() && pendingCount > 1;
            INDArray variance =
                    unbiased ? pending.measure().mul(pendingCount / (pendingCount - 1.0)) : pending.measure();
            boolean saturated = RunningAverage.move(getParam(BatchNorm.MEAN), pending.center(), decay);
            saturated |= RunningAverage.move(getParam(BatchNorm.VARIANCE), variance, decay);
            warnOfSaturation(saturated);
            pending = null;
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

    private void warnOfSingleValues(Groups groups) {
        if (groups.groupSize() == 1 && !warnedOfSingleValues) {
            warnedOfSingleValues = true;
            LOG.warn(
                    "{}: one value per channel in training: every output is beta and no gradient passes; "
                            + "use more examples per batch",
                    who());
        }
    }
}
