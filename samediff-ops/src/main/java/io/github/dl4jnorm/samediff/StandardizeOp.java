package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.Stats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * {@link NormEngine#standardize}: LayerNorm, and BatchNorm with batch statistics.
 *
 * <p>Inputs: x, gamma if present, beta if present. Outputs: y, and mean, variance and invStd per group, which are saved
 * for the backward op and have no gradient of their own.
 */
public class StandardizeOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_standardize";

    static final int MEAN = 1;
    static final int INV_STD = 3;

    /** For cloning and loading. */
    public StandardizeOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     * @param eps ε &gt; 0
     * @param perChannel as in {@link NormOp.Layout}
     * @param axes as in {@link NormOp.Layout}
     */
    public StandardizeOp(
            SameDiff sameDiff,
            SDVariable x,
            SDVariable gamma,
            SDVariable beta,
            double eps,
            boolean perChannel,
            int... axes) {
        this(
                sameDiff,
                new Layout(perChannel, gamma != null, beta != null, axes),
                eps,
                present(List.of(x), gamma, beta));
    }

    StandardizeOp(SameDiff sameDiff, Layout layout, double eps, SDVariable... inputs) {
        super(sameDiff, layout, inputs);
        addTArgument(eps);
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    public int getNumOutputs() {
        return 4;
    }

    @Override
    public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
        List<DataType> types = new ArrayList<>(Collections.nCopies(4, Stats.typeFor(inputTypes.get(0))));
        types.set(0, inputTypes.get(0));
        return types;
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        NormAxes axes = axes(x);
        checkParameters(axes, inputs, 1);
        LongShapeDescriptor statistic = statistic(axes, x);
        return List.of(like(x), statistic, statistic, statistic);
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        INDArray x = inputs.get(0);
        Stats stats = new Stats(outputs.get(1), outputs.get(2), outputs.get(3));
        engine(x).standardize(axes(x), x, affine(inputs, 1), eps(), outputs.get(0), stats);
    }

    final double eps() {
        return getTArgument(0);
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
        refuseGradientsBeyondFirst(gradients);
        SDVariable[] saved = outputVariables();
        return Arrays.asList(new StandardizeBackwardOp(
                        sameDiff,
                        layout(),
                        arg(0),
                        gradients.get(0),
                        saved[MEAN],
                        saved[INV_STD],
                        hasGamma() ? arg(1) : null)
                .outputVariables());
    }
}
