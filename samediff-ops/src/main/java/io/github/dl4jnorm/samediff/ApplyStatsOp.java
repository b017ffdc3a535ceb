package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.Stats;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * {@link NormEngine#applyStats}: BatchNorm in inference, with a given mean and variance.
 *
 * <p>Inputs: x, mean, variance, gamma if present, beta if present. Output: y.
 */
public final class ApplyStatsOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_apply_stats";

    private static final int INPUT_GAMMA = 3;

    /** For cloning and loading. */
    public ApplyStatsOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param x input
     * @param mean μ
     * @param variance σ²
     * @param gamma γ or null
     * @param beta β or null
     * @param eps ε &gt; 0
     * @param channelAxis axis of the channels
     */
    public ApplyStatsOp(
            SameDiff sameDiff,
            SDVariable x,
            SDVariable mean,
            SDVariable variance,
            SDVariable gamma,
            SDVariable beta,
            double eps,
            int channelAxis) {
        super(
                sameDiff,
                new Layout(true, gamma != null, beta != null, channelAxis),
                present(List.of(x, mean, variance), gamma, beta));
        addTArgument(eps);
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    public int getNumOutputs() {
        return 1;
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        NormAxes axes = axes(x);
        NormChecks.statistic(describe(), "mean", axes, x.dataType(), inputs.get(1));
        NormChecks.statistic(describe(), "variance", axes, x.dataType(), inputs.get(2));
        checkParameters(axes, inputs, INPUT_GAMMA);
        return List.of(like(x));
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        INDArray x = inputs.get(0);
        NormAxes axes = axes(x);
        Stats stats = Stats.of(axes, x.dataType(), inputs.get(1), inputs.get(2), getTArgument(0));
        engine(x).applyStats(axes, x, affine(inputs, INPUT_GAMMA), stats, outputs.get(0));
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
        return Arrays.asList(new ApplyStatsBackwardOp(
                        sameDiff,
                        layout(),
                        getTArgument(0),
                        arg(0),
                        gradients.get(0),
                        arg(1),
                        arg(2),
                        hasGamma() ? arg(INPUT_GAMMA) : null)
                .outputVariables());
    }
}
