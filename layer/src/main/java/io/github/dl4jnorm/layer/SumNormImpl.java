package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.engine.Stats;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link SumNorm} at work. From forward to backward it keeps the sums, and DL4J the input. */
final class SumNormImpl extends NormLayerImpl<SumNorm> {
    private transient INDArray sum;

    SumNormImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(false);
        NormAxes axes = layerConf().axesOf(who(), x.shape());
        Mask mask = Mask.of(who(), maskArray, x.shape(), channelAxis(x.shape()));
        INDArray y = like(x, ArrayType.ACTIVATIONS, workspaceMgr);
        sum = Stats.newStatistic(axes, x.dataType());
        INDArray present = mask.neutralForSums(x, axes.reduced());
        NormEngines.forArray(x).divideBySum(axes, present, layerConf().getEps(), y, sum);
        NormChecks.nonZeroSum(who(), axes, sum);
        mask.clear(y);
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = checkedInput(true);
        INDArray dy = checkedEpsilon(epsilon, x);
        NormAxes axes = layerConf().axesOf(who(), x.shape());
        Mask mask = Mask.of(who(), maskArray, x.shape(), channelAxis(x.shape()));
        INDArray dx = like(x, ArrayType.ACTIVATION_GRAD, workspaceMgr);
        INDArray present = mask.neutralForSums(x, axes.reduced());
        NormEngines.forArray(x).divideBySumBackward(axes, present, mask.zeroed(dy), sum, dx);
        mask.clear(dx);
        return new Pair<>(gradients(), dx);
    }
}
