package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.AffineActivation;
import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.Stats;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link NormEngine#applyStatsBackward}: the gradient of {@link ApplyStatsOp}.
 *
 * <p>Inputs: x, dy, mean, variance, gamma if present. Outputs: dx, dMean, dVariance, dGamma if gamma is present, dBeta
 * if beta is: the order of the forward's inputs.
 */
public final class ApplyStatsBackwardOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_apply_stats_bp";

    private static final int INPUT_GAMMA = 4;
    private static final int OUTPUT_GAMMA = 3;

    /** For cloning and loading. */
    public ApplyStatsBackwardOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param layout layout of the forward op
     * @param eps ε &gt; 0
     * @param x the forward's input
     * @param dy gradient of y
     * @param mean μ
     * @param variance σ²
     * @param gamma γ, or null where the layout has none
     */
    public ApplyStatsBackwardOp(
            SameDiff sameDiff,
            Layout layout,
            double eps,
            SDVariable x,
            SDVariable dy,
            SDVariable mean,
            SDVariable variance,
            SDVariable gamma) {
        super(sameDiff, layout, present(List.of(x, dy, mean, variance), gamma));
        addTArgument(eps);
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    public int getNumOutputs() {
        return OUTPUT_GAMMA + parameterCount();
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        NormAxes axes = axes(x);
        NormChecks.gradientLike(describe(), x, inputs.get(1));
        List<LongShapeDescriptor> shapes = new ArrayList<>(gradientShapes(axes, x, parameterCount()));
        shapes.addAll(1, List.of(like(inputs.get(2)), like(inputs.get(3))));
        return shapes;
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        INDArray x = inputs.get(0);
        INDArray gamma = gamma(inputs, INPUT_GAMMA);
        NormAxes axes = axes(x);
        Stats stats = Stats.of(axes, x.dataType(), inputs.get(2), inputs.get(3), getTArgument(0));
        INDArray dGamma = orScratch(gamma(outputs, OUTPUT_GAMMA), outputs.get(1), x);
        INDArray dBeta = orScratch(beta(outputs, OUTPUT_GAMMA), outputs.get(1), x);
        AffineActivation affine = new AffineActivation(gamma, null);
        engine(x).applyStatsBackward(axes, x, inputs.get(1), affine, stats, outputs.get(0), dGamma, dBeta);
        outputs.get(1)
                .assign(stats.meanGradient(gamma, dBeta).reshape(outputs.get(1).shape()));
        outputs.get(2)
                .assign(stats.varianceGradient(gamma, dGamma)
                        .reshape(outputs.get(2).shape()));
    }

    /** dMean and dVariance need dBeta and dGamma, also where nobody else does. */
    private static INDArray orScratch(INDArray wanted, INDArray like, INDArray x) {
        return wanted == null ? Nd4j.createUninitialized(x.dataType(), like.shape(), 'c') : wanted;
    }
}
