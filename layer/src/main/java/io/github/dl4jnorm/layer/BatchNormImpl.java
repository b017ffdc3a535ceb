package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.AffineActivation;
import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.engine.Stats;
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
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link BatchNorm} at work. From forward to backward it keeps the statistics of the channels, and DL4J the input. */
final class BatchNormImpl extends NormLayerImpl<BatchNorm> {
    private static final Logger LOG = LoggerFactory.getLogger(BatchNormImpl.class);

    /** What normalized the last forward pass; null if every position was masked. */
    private transient Stats stats;

    /** Whether these are the batch's own, so that they depend on the input. */
    private boolean statsOfBatch;

    /** Statistics of a backward pass that wait for its parameter step, and the number of values behind each. */
    private transient Stats pending;

    private long pendingCount;
    private boolean warned;
    private boolean warnedOfLineSearch;

    BatchNormImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(false);
        NormAxes axes = checkedAxes(x.shape());
        Mask mask = checkedMask(x.shape());
        INDArray y = like(x, ArrayType.ACTIVATIONS, workspaceMgr);
        statsOfBatch = training || !layerConf().isRunningStatistics();
        stats = null;
        if (mask.hidesAll()) {
            y.assign(0);
        } else if (mask.hidesNone()) {
            normalize(axes, x, training, y);
        } else {
            INDArray rows = mask.gather(x);
            INDArray normalized = rows.ulike();
            normalize(axesOf(rows), rows, training, normalized);
            mask.scatter(normalized, y);
        }
        return y;
    }

    private NormAxes checkedAxes(long[] shape) {
        int axis = layerConf().axisIn(shape);
        if (layerConf().getAxis() != null && shape[axis] != layerConf().size()) {
            throw new DL4JInvalidInputException(who() + ": expected size "
                    + layerConf().size() + " on axis " + axis + ", got shape " + Arrays.toString(shape));
        }
        return NormAxes.perChannel(who(), shape, axis);
    }

    private Mask checkedMask(long[] shape) {
        int channelAxis = channelAxis(shape);
        int axis = layerConf().axisIn(shape);
        if (maskArray != null && axis != channelAxis) {
            throw new DL4JInvalidInputException(who() + ": cannot keep statistics per index of axis " + axis
                    + " with a mask, of shape " + Arrays.toString(maskArray.shape()) + "; its channels are on axis "
                    + channelAxis);
        }
        return Mask.of(who(), maskArray, shape, channelAxis);
    }

    /** The axes of gathered positions. */
    private NormAxes axesOf(INDArray rows) {
        return NormAxes.perChannel(who(), rows.shape(), 1);
    }

    private void normalize(NormAxes axes, INDArray x, boolean training, INDArray y) {
        NormEngine engine = NormEngines.forArray(x);
        AffineActivation affine = affine(axes);
        if (statsOfBatch) {
            if (training) {
                warnOfSingleValues(axes);
            }
            stats = Stats.allocate(axes, x.dataType(), affine.activation());
            engine.standardize(axes, x, affine, layerConf().getEps(), y, stats);
        } else {
            INDArray mean = getParam(BatchNorm.MEAN);
            INDArray variance = getParam(BatchNorm.VARIANCE);
            NormChecks.statistic(who(), BatchNorm.MEAN, axes, x.dataType(), mean);
            NormChecks.statistic(who(), BatchNorm.VARIANCE, axes, x.dataType(), variance);
            stats = Stats.of(axes, x.dataType(), mean, variance, layerConf().getEps());
            engine.applyStats(axes, x, affine, stats, y);
        }
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(true);
        INDArray dy = checkedEpsilon(epsilon, x);
        NormAxes axes = checkedAxes(x.shape());
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
            backprop(axes, x, dy, dx);
        } else {
            INDArray rows = mask.gather(x);
            INDArray dRows = rows.ulike();
            backprop(axesOf(rows), rows, mask.gather(dy), dRows);
            mask.scatter(dRows, dx);
        }
        return new Pair<>(gradients(), dx);
    }

    private void backprop(NormAxes axes, INDArray x, INDArray dy, INDArray dx) {
        NormEngine engine = NormEngines.forArray(x);
        AffineActivation affine = affine(axes);
        INDArray dGamma = gradientView(BatchNorm.GAMMA);
        INDArray dBeta = gradientView(BatchNorm.BETA);
        if (!statsOfBatch) {
            engine.applyStatsBackward(axes, x, dy, affine, stats, dx, dGamma, dBeta);
            return;
        }
        engine.standardizeBackward(axes, x, dy, affine, stats, dx, dGamma, dBeta);
        if (layerConf().isRunningStatistics()) {
            pending = stats;
            pendingCount = axes.groupSize();
        }
    }

    /** What becomes of x̂; a parameter that is neutral for good is null. */
    private AffineActivation affine(NormAxes axes) {
        BatchNorm conf = layerConf();
        return new AffineActivation(
                conf.isFixedGamma() ? constant(axes, conf.getGamma(), 1) : getParam(BatchNorm.GAMMA),
                conf.isFixedBeta() ? constant(axes, conf.getBeta(), 0) : getParam(BatchNorm.BETA),
                conf.getFusedActivation());
    }

    private INDArray constant(NormAxes axes, double value, double neutral) {
        return value == neutral ? null : Nd4j.valueArrayOf(axes.affineShape(), value, dataType);
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
                    unbiased ? pending.variance().mul(pendingCount / (pendingCount - 1.0)) : pending.variance();
            Stats.move(getParam(BatchNorm.MEAN), pending.mean(), decay);
            Stats.move(getParam(BatchNorm.VARIANCE), variance, decay);
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

    private void warnOfSingleValues(NormAxes axes) {
        if (axes.groupSize() == 1 && !warned) {
            warned = true;
            LOG.warn(
                    "{}: one value per channel in training: every output is beta and no gradient passes; "
                            + "use more examples per batch",
                    who());
        }
    }
}
