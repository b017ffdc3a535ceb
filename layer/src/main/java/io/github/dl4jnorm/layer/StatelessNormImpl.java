package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The implementation of every layer that learns nothing but γ and β: it does what the {@link NormSpec} of its
 * configuration says. From forward to backward it keeps the statistics of the groups, and DL4J the input.
 */
final class StatelessNormImpl extends NormLayerImpl<NormLayer> {
    /** What the last forward pass normalized, with room for its statistics, in which the next one finds it. */
    private transient @Nullable OnShape normalized;

    private transient @Nullable GroupStatistics statistics;

    StatelessNormImpl(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /** The input without what a mask hides. */
    private INDArray present(INDArray x, OnShape on, Mask mask) {
        return switch (on.spec().statistic().measure()) {
            case MEAN_OF_SQUARES -> {
                refuseMaskAlongGroups(mask, on.groups());
                yield mask.zeroed(x);
            }
            case SUM_OF_SQUARES -> mask.zeroed(x);
            case SUM_OF_VALUES -> mask.neutralForSums(x, on.groups().reduced());
            case GIVEN_VARIANCE -> throw new IllegalStateException(who() + ": statistics must come from the input");
        };
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray input = checkedInput(false);
        OnShape on = onShape(input);
        Mask mask = mask(on);
        INDArray x = present(input, on, mask);
        INDArray y = like(x, ArrayType.ACTIVATIONS, workspaceMgr);
        if (on != normalized) {
            statistics = GroupStatistics.allocate(on.spec(), on.groups(), x.dataType());
            normalized = on;
        }
        EngineChoice.current().forward(on.spec(), x, affine(on), statistics, y);
        NormChecks.nonZeroSum(who(), on.spec(), on.groups(), statistics);
        mask.clear(y);
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray input = checkedInput(true);
        OnShape on = onShape(input);
        Mask mask = mask(on);
        INDArray x = present(input, on, mask);
        INDArray dy = mask.zeroed(checkedEpsilon(epsilon, x));
        INDArray dx = like(x, ArrayType.ACTIVATION_GRAD, workspaceMgr);
        EngineChoice.current().backward(on.spec(), x, dy, affine(on), statistics, gradientsInto(dx));
        mask.clear(dx);
        return new Pair<>(gradients(), dx);
    }

    /** A mean over masked positions would have to count those that are present. */
    private void refuseMaskAlongGroups(Mask mask, Groups groups) {
        int rank = groups.shape().length;
        for (int axis = 0; axis < rank; axis++) {
            if (groups.reducesAxis(axis) && mask.runsAlong(axis)) {
                throw new DL4JInvalidInputException(who() + ": cannot normalize over axis " + axis
                        + ", along which the mask of shape " + Arrays.toString(maskArray.shape())
                        + " runs; normalize over other axes, or train without a mask");
            }
        }
    }
}
