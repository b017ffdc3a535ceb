package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.Stats;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * {@link NormEngine#divideBySum}: sum-normalization.
 *
 * <p>Input: x. Outputs: y, and the denominators, which are saved for the backward op and have no gradient of their own.
 */
public final class DivideBySumOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_divide_by_sum";

    /** For cloning and loading. */
    public DivideBySumOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param x input
     * @param eps ε ≥ 0
     * @param axes the axes summed over
     */
    public DivideBySumOp(SameDiff sameDiff, SDVariable x, double eps, int... axes) {
        super(sameDiff, new Layout(false, false, false, axes), x);
        addTArgument(eps);
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    public int getNumOutputs() {
        return 2;
    }

    @Override
    public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
        return List.of(inputTypes.get(0), Stats.typeFor(inputTypes.get(0)));
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        return List.of(like(x), statistic(axes(x), x));
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        INDArray x = inputs.get(0);
        NormAxes axes = axes(x);
        engine(x).divideBySum(axes, x, getTArgument(0), outputs.get(0), outputs.get(1));
        NormChecks.nonZeroSum(describe(), axes, outputs.get(1));
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
        refuseGradientsBeyondFirst(gradients);
        return List.of(new DivideBySumBackwardOp(sameDiff, layout(), arg(0), gradients.get(0), outputVariables()[1])
                .outputVariable());
    }
}
