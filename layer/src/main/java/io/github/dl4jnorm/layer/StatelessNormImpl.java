package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.engine.GroupStatistics;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The implementation of every layer that learns nothing but γ and β: it does what the {@link NormSpec} of its
 * configuration says. From forward to backward it keeps the statistics of the groups, and DL4J the input.
 */
final class StatelessNormImpl extends NormLayerImpl<NormLayer> {
    private transient GroupStatistics statistics;

    StatelessNormImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /** What is normalized how, in one pass. */
    private record Work(NormSpec spec, Groups groups, Mask mask, INDArray x) {}

    private Work work(INDArray x) {
        long[] shape = x.shape();
        NormSpec spec = layerConf().specOf(who(), shape);
        Groups groups = checkedGroups(shape);
        Mask mask = Mask.of(who(), maskArray, shape, channelAxis(shape));
        return switch (spec.statistic().measure()) {
            case MEAN_OF_SQUARES -> {
                refuseMaskAlongGroups(mask, groups, shape);
                yield new Work(spec, groups, mask, mask.zeroed(x));
            }
            case SUM_OF_SQUARES -> new Work(spec, groups, mask, mask.zeroed(x));
            case SUM_OF_VALUES -> new Work(spec, groups, mask, mask.neutralForSums(x, groups.reduced()));
            case GIVEN_VARIANCE -> throw new IllegalStateException(who() + ": statistics must come from the input");
        };
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        Work work = work(checkedInput(false));
        INDArray y = like(work.x, ArrayType.ACTIVATIONS, workspaceMgr);
        statistics = GroupStatistics.allocate(work.spec, work.groups, work.x.dataType());
        NormEngines.current().forward(work.spec, work.x, affine(work.groups), statistics, y);
        NormChecks.nonZeroSum(who(), work.spec, work.groups, statistics);
        work.mask.clear(y);
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        Work work = work(checkedInput(true));
        INDArray dy = work.mask.zeroed(checkedEpsilon(epsilon, work.x));
        INDArray dx = like(work.x, ArrayType.ACTIVATION_GRAD, workspaceMgr);
        NormEngines.current().backward(work.spec, work.x, dy, affine(work.groups), statistics, gradientsInto(dx));
        work.mask.clear(dx);
        return new Pair<>(gradients(), dx);
    }

    private Groups checkedGroups(long... shape) {
        Groups groups = layerConf().groupsOf(who(), shape);
        for (Parameter parameter : layerConf().parameters()) {
            // The number of channels has been checked already.
            if (layerConf().getAxes() != null && parameter.length() != product(groups.parameterShape())) {
                throw new DL4JInvalidInputException(who() + ": expected sizes " + Arrays.toString(parameter.shape())
                        + ", those of " + parameter.name() + ", on axes " + Arrays.toString(groups.affine())
                        + ", got shape " + Arrays.toString(shape));
            }
        }
        return groups;
    }

    private static long product(long... sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    /** A mean over masked positions would have to count those that are present. */
    private void refuseMaskAlongGroups(Mask mask, Groups groups, long... shape) {
        for (int axis = 0; axis < shape.length; axis++) {
            if (groups.reducesAxis(axis) && mask.runsAlong(axis)) {
                throw new DL4JInvalidInputException(who() + ": cannot normalize over axis " + axis
                        + ", along which the mask of shape " + Arrays.toString(maskArray.shape())
                        + " runs; normalize over other axes, or train without a mask");
            }
        }
    }
}
