package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.AffineActivation;
import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.Stats;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * {@link NormEngine#standardizeBackward}: the gradient of {@link StandardizeOp}.
 *
 * <p>Inputs: x, dy, mean, invStd, gamma if present. Outputs: dx, dGamma if gamma is present, dBeta if beta is.
 */
public final class StandardizeBackwardOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_standardize_bp";

    private static final int INPUT_GAMMA = 4;

    /** For cloning and loading. */
    public StandardizeBackwardOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param layout layout of the forward op
     * @param x the forward's input
     * @param dy gradient of y
     * @param mean μ that the forward op saved
     * @param invStd 1/√(σ²+ε) that the forward op saved
     * @param gamma γ, or null where the layout has none
     */
    public StandardizeBackwardOp(
            SameDiff sameDiff,
            Layout layout,
            SDVariable x,
            SDVariable dy,
            SDVariable mean,
            SDVariable invStd,
            SDVariable gamma) {
        super(sameDiff, layout, present(List.of(x, dy, mean, invStd), gamma));
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    public int getNumOutputs() {
        return 1 + parameterCount();
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        NormAxes axes = axes(x);
        NormChecks.gradientLike(describe(), x, inputs.get(1));
        return gradientShapes(axes, x, parameterCount());
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        INDArray x = inputs.get(0);
        Stats stats = new Stats(inputs.get(2), null, inputs.get(3));
        engine(x)
                .standardizeBackward(
                        axes(x),
                        x,
                        inputs.get(1),
                        new AffineActivation(gamma(inputs, INPUT_GAMMA), null),
                        stats,
                        outputs.get(0),
                        gamma(outputs, 1),
                        beta(outputs, 1));
    }
}
