package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.AffineActivation;
import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.engine.Stats;
import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link LayerNorm} at work. From forward to backward it keeps the statistics of the groups, and DL4J the input. */
final class LayerNormImpl extends NormLayerImpl<LayerNorm> {
    private transient Stats stats;

    LayerNormImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(false);
        NormAxes axes = checkedAxes(x.shape());
        Mask mask = checkedMask(x.shape(), axes);
        AffineActivation affine = affine();
        INDArray y = like(x, ArrayType.ACTIVATIONS, workspaceMgr);
        stats = Stats.allocate(axes, x.dataType(), affine.activation());
        NormEngines.forArray(x)
                .standardize(axes, mask.zeroed(x), affine, layerConf().getEps(), y, stats);
        mask.clear(y);
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(true);
        INDArray dy = checkedEpsilon(epsilon, x);
        NormAxes axes = checkedAxes(x.shape());
        Mask mask = checkedMask(x.shape(), axes);
        INDArray dx = like(x, ArrayType.ACTIVATION_GRAD, workspaceMgr);
        NormEngines.forArray(x)
                .standardizeBackward(
                        axes,
                        mask.zeroed(x),
                        mask.zeroed(dy),
                        affine(),
                        stats,
                        dx,
                        gradientView(LayerNorm.GAIN),
                        gradientView(LayerNorm.BIAS));
        mask.clear(dx);
        return new Pair<>(gradients(), dx);
    }

    private AffineActivation affine() {
        return new AffineActivation(
                getParam(LayerNorm.GAIN), getParam(LayerNorm.BIAS), layerConf().getFusedActivation());
    }

    private NormAxes checkedAxes(long[] shape) {
        NormAxes axes = layerConf().axesOf(who(), shape);
        for (Parameter parameter : layerConf().parameters()) {
            // The number of channels has been checked already.
            if (layerConf().getAxes() != null && !Arrays.equals(axes.affineShape(), parameter.shape())) {
                throw new DL4JInvalidInputException(who() + ": expected sizes " + Arrays.toString(parameter.shape())
                        + ", those of the " + parameter.name() + ", on axes " + Arrays.toString(axes.reduced())
                        + ", got shape " + Arrays.toString(shape));
            }
        }
        return axes;
    }

    private Mask checkedMask(long[] shape, NormAxes axes) {
        Mask mask = Mask.of(who(), maskArray, shape, channelAxis(shape));
        for (int axis : axes.reduced()) {
            if (mask.runsAlong(axis)) {
                throw new DL4JInvalidInputException(who() + ": cannot normalize over axis " + axis
                        + ", along which the mask of shape " + Arrays.toString(maskArray.shape())
                        + " runs; normalize over other axes, or train without a mask");
            }
        }
        return mask;
    }
}
