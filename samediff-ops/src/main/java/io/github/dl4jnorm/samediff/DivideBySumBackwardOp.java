package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngine;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * {@link NormEngine#divideBySumBackward}: the gradient of {@link DivideBySumOp}.
 *
 * <p>Inputs: x, dy, the saved denominators. Output: dx.
 */
public final class DivideBySumBackwardOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_divide_by_sum_bp";

    /** For cloning and loading. */
    public DivideBySumBackwardOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param layout layout of the forward op
     * @param x the forward's input
     * @param dy gradient of y
     * @param sum denominators that the forward op saved
     */
    public DivideBySumBackwardOp(SameDiff sameDiff, Layout layout, SDVariable x, SDVariable dy, SDVariable sum) {
        super(sameDiff, layout, x, dy, sum);
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
        axes(x);
        NormChecks.gradientLike(describe(), x, inputs.get(1));
        return List.of(like(x));
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        INDArray x = inputs.get(0);
        engine(x).divideBySumBackward(axes(x), x, inputs.get(1), inputs.get(2), outputs.get(0));
    }
}
