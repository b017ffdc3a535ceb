package io.github.dl4jnorm.internal.samediff;

import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.GivenStatisticsGradients;
import io.github.dl4jnorm.internal.engine.Gradients;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.internal.engine.NormEngine;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link NormEngine#backward}: the gradient of {@link NormalizeOp}.
 *
 * <p>Inputs: x; dy; the given mean and variance, or the statistics that the forward op saved; gamma and beta, where the
 * forward op has them. Outputs: the gradients of the forward op's inputs, in their order.
 */
public final class NormalizeBackwardOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_normalize_bp";

    /** For cloning and loading. */
    public NormalizeBackwardOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param spec the normalization
     * @param hasGamma whether the forward op has a gamma
     * @param hasBeta whether the forward op has a beta
     * @param inputs inputs in the order above
     */
    public NormalizeBackwardOp(
            SameDiff sameDiff, NormSpec spec, boolean hasGamma, boolean hasBeta, SDVariable... inputs) {
        super(sameDiff, spec, hasGamma, hasBeta, inputs);
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    protected String describe() {
        return "gradient of " + forward().map(NormalizeOp::describe).orElseGet(() -> function(spec()));
    }

    /** The op that this is the gradient of: it has the same normalization and inputs, but for dy and what it saved. */
    private Optional<NormalizeOp> forward() {
        List<String> names = new ArrayList<>(List.of(argNames()));
        names.remove(1);
        return sameDiff.getVariables().get(names.get(0)).getInputsForOp().stream()
                .map(sameDiff::getOpById)
                .filter(NormalizeOp.class::isInstance)
                .map(NormalizeOp.class::cast)
                .filter(op -> op.spec().equals(spec()))
                .filter(op -> op.inputsOfGradient().stream()
                        .map(SDVariable::name)
                        .toList()
                        .equals(names))
                .findFirst();
    }

    @Override
    public int getNumOutputs() {
        return 1 + (spec().statistic().isGiven() ? 2 : 0) + (hasGamma() ? 1 : 0) + (hasBeta() ? 1 : 0);
    }

    @Override
    public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
        List<DataType> types = new ArrayList<>(Collections.nCopies(getNumOutputs(), inputTypes.get(0)));
        if (spec().statistic().isGiven()) {
            types.set(1, inputTypes.get(2));
            types.set(2, inputTypes.get(3));
        }
        return types;
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        Groups groups = groups(x);
        NormChecks.gradientLike(describe(), x, inputs.get(1));
        List<LongShapeDescriptor> shapes = new ArrayList<>(List.of(like(x)));
        if (spec().statistic().isGiven()) {
            shapes.add(like(inputs.get(2)));
            shapes.add(like(inputs.get(3)));
        }
        LongShapeDescriptor parameter = LongShapeDescriptor.fromShape(groups.parameterShape(), x.dataType());
        shapes.addAll(Collections.nCopies(getNumOutputs() - shapes.size(), parameter));
        return shapes;
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        NormSpec spec = spec();
        boolean given = spec.statistic().isGiven();
        INDArray x = inputs.get(0);
        Iterator<INDArray> rest = inputs.listIterator(2);
        GroupStatistics statistics = given ? given(x, rest) : statistics(spec, rest);
        AffineParameters affine = affine(rest);
        AffineParameters wanted = affine(outputs.listIterator(given ? 3 : 1));
        Gradients gradients =
                new Gradients(outputs.get(0), orScratch(given, wanted.gamma(), x), orScratch(given, wanted.beta(), x));
        EngineChoice.current().backward(spec, x, inputs.get(1), affine, statistics, gradients);
        if (given) {
            GivenStatisticsGradients ofGiven = GivenStatisticsGradients.of(spec, affine, statistics, gradients);
            outputs.get(1).assign(ofGiven.dMean());
            outputs.get(2).assign(ofGiven.dVariance());
        }
    }

    /** The gradients of a given mean and variance need dBeta and dGamma, also where nobody else does. */
    private @Nullable INDArray orScratch(boolean given, @Nullable INDArray wanted, INDArray x) {
        return wanted == null && given
                ? Nd4j.createUninitialized(x.dataType(), groups(x).parameterShape(), 'c')
                : wanted;
    }
}
