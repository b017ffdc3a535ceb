package io.github.dl4jnorm.internal.samediff;

import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.internal.engine.NormEngine;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.shape.ZerosLike;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * {@link NormEngine#forward}: any normalization.
 *
 * <p>Inputs: x; mean and variance, if they are given; gamma and beta, where present. Outputs: y and, unless they are
 * given, the statistics, in the order of {@link GroupStatistics}, which are saved for the backward op and have no
 * gradient of their own.
 */
public class NormalizeOp extends NormOp {
    /** Name of the op. */
    public static final String NAME = "dl4jnorm_normalize";

    /** For cloning and loading. */
    public NormalizeOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param spec the normalization
     * @param x input
     * @param mean given mean, or null
     * @param variance given variance, or null
     * @param gamma γ or null
     * @param beta β or null
     */
    public NormalizeOp(
            SameDiff sameDiff,
            NormSpec spec,
            SDVariable x,
            @Nullable SDVariable mean,
            @Nullable SDVariable variance,
            @Nullable SDVariable gamma,
            @Nullable SDVariable beta) {
        this(sameDiff, spec, gamma != null, beta != null, present(x, mean, variance, gamma, beta));
    }

    /** For subclasses with more inputs. */
    NormalizeOp(SameDiff sameDiff, NormSpec spec, boolean hasGamma, boolean hasBeta, SDVariable... inputs) {
        super(sameDiff, spec, hasGamma, hasBeta, inputs);
    }

    @Override
    public String opName() {
        return NAME;
    }

    @Override
    protected String describe() {
        return function() + " \"" + outputVariablesNames()[0] + "\"";
    }

    /** The function of {@link io.github.dl4jnorm.SDNorm} that adds this op. */
    String function() {
        return function(spec());
    }

    /** The number of statistics that are saved. */
    private int saved() {
        Statistic statistic = spec().statistic();
        return statistic.isGiven() ? 0 : GroupStatistics.count(statistic);
    }

    @Override
    public int getNumOutputs() {
        return 1 + saved();
    }

    @Override
    public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
        DataType type = inputTypes.get(0);
        List<DataType> types = new ArrayList<>(Collections.nCopies(getNumOutputs(), ComputeTypes.of(type)));
        types.set(0, type);
        return types;
    }

    @Override
    protected List<LongShapeDescriptor> outputShapes(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        Groups groups = groups(x);
        Iterator<INDArray> rest = inputs.listIterator(1);
        if (spec().statistic().isGiven()) {
            NormChecks.statistic(describe(), "mean", groups, x.dataType(), rest.next());
            NormChecks.statistic(describe(), "variance", groups, x.dataType(), rest.next());
        }
        check(groups, x.dataType(), affine(rest));
        List<LongShapeDescriptor> shapes = new ArrayList<>(List.of(like(x)));
        shapes.addAll(Collections.nCopies(saved(), statistic(groups, x)));
        return shapes;
    }

    @Override
    protected void compute(List<INDArray> inputs, List<INDArray> outputs) {
        NormSpec spec = spec();
        INDArray x = inputs.get(0);
        Iterator<INDArray> rest = inputs.listIterator(1);
        GroupStatistics statistics =
                spec.statistic().isGiven() ? given(x, rest) : statistics(spec, outputs.listIterator(1));
        AffineParameters affine = affine(rest);
        EngineChoice.current().forward(spec, x, affine, statistics, outputs.get(0));
        NormChecks.nonZeroSum(describe(), spec, groups(x), statistics);
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
        refuseGradientsOfStatistics(gradients);
        List<SDVariable> inputs = inputsOfGradient();
        inputs.add(1, gradients.get(0));
        return Arrays.asList(
                new NormalizeBackwardOp(sameDiff, spec(), hasGamma(), hasBeta(), inputs.toArray(new SDVariable[0]))
                        .outputVariables());
    }

    /** The inputs of the backward op without dy: a new list. */
    List<SDVariable> inputsOfGradient() {
        boolean given = spec().statistic().isGiven();
        int parameters = given ? 3 : 1;
        List<SDVariable> inputs = new ArrayList<>(List.of(arg(0)));
        if (given) {
            inputs.addAll(List.of(arg(1), arg(2)));
        } else {
            inputs.addAll(Arrays.asList(outputVariables()).subList(1, getNumOutputs()));
        }
        if (hasGamma()) {
            inputs.add(arg(parameters));
        }
        if (hasBeta()) {
            inputs.add(arg(parameters + (hasGamma() ? 1 : 0)));
        }
        return inputs;
    }

    /**
     * Refuses to differentiate through an output that only the backward op may use: its gradient would be missing, and
     * silently so. SameDiff hands in zeros for outputs that the loss does not depend on.
     */
    private void refuseGradientsOfStatistics(List<SDVariable> gradients) {
        for (int i = 1; i < gradients.size(); i++) {
            if (!(sameDiff.getVariableOutputOp(gradients.get(i).name()) instanceof ZerosLike)) {
                throw new UnsupportedOperationException(describe() + ": the loss depends on output \""
                        + outputVariables()[i].name() + "\", a saved statistic without a gradient of its own; compute"
                        + " the statistic with SameDiff's own ops to differentiate through it");
            }
        }
    }
}
