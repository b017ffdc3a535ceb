package io.github.dl4jnorm.internal.samediff;

import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * What the ops share: a {@link NormSpec} as integer and floating point arguments, and which of gamma and beta are there
 * as boolean arguments. x is the first input.
 */
public abstract class NormOp extends JavaOp {
    private static final int EPS = 0;
    private static final int GAMMA = 0;
    private static final int BETA = 1;

    /** For cloning and loading. */
    protected NormOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param spec the normalization
     * @param hasGamma whether gamma is an input of the forward op
     * @param hasBeta whether beta is an input of the forward op
     * @param inputs input variables
     */
    protected NormOp(SameDiff sameDiff, NormSpec spec, boolean hasGamma, boolean hasBeta, SDVariable... inputs) {
        super(sameDiff, inputs);
        addIArgument(spec.encode());
        addTArgument(spec.eps());
        addBArgument(hasGamma, hasBeta);
    }

    /**
     * The function of {@link io.github.dl4jnorm.SDNorm} that a normalization is of.
     *
     * @param spec the normalization
     * @return name of the function; "normalize" if there is none of its own
     */
    static String function(NormSpec spec) {
        NormAxes.Kind kind = spec.axes().kind();
        boolean over = kind == NormAxes.Kind.OVER;
        return switch (spec.statistic()) {
            case GIVEN -> "batchNormInference";
            case ROOT_MEAN_SQUARE -> over ? "rmsNorm" : "normalize";
            case SUM -> over ? "sumNorm" : "normalize";
            case L2 -> over ? "unitNorm" : "normalize";
            case MEAN_VARIANCE ->
                switch (kind) {
                    case PER_CHANNEL -> "batchNormTraining";
                    case OVER -> "layerNorm";
                    case PER_EXAMPLE_AND_CHANNEL -> "instanceNorm";
                    case PER_EXAMPLE_AND_GROUP -> "groupNorm";
                };
        };
    }

    /**
     * The normalization.
     *
     * @return what this op does
     */
    protected final NormSpec spec() {
        return NormSpec.decode(iArgs(), getTArgument(EPS));
    }

    /**
     * Whether the forward op has a gamma.
     *
     * @return true if so
     */
    protected final boolean hasGamma() {
        return getBArgument(GAMMA);
    }

    /**
     * Whether the forward op has a beta.
     *
     * @return true if so
     */
    protected final boolean hasBeta() {
        return getBArgument(BETA);
    }

    /**
     * Takes gamma and beta, where the forward op has them, from arrays or descriptions of them in this order.
     *
     * @param next the rest of the inputs or outputs
     * @return gamma and beta, or null
     */
    protected final AffineParameters affine(Iterator<INDArray> next) {
        @Nullable INDArray gamma = hasGamma() ? next.next() : null;
        @Nullable INDArray beta = hasBeta() ? next.next() : null;
        return new AffineParameters(gamma, beta);
    }

    /**
     * Takes what a forward pass computed from arrays in the order of {@link GroupStatistics}.
     *
     * @param spec the normalization
     * @param next the rest of the inputs or outputs
     * @return the statistics
     */
    protected static GroupStatistics statistics(NormSpec spec, Iterator<INDArray> next) {
        return GroupStatistics.allocate(spec.statistic(), next::next);
    }

    /**
     * Takes a given mean and variance, checked.
     *
     * @param x input
     * @param next the rest of the inputs
     * @return the statistics
     */
    protected final GroupStatistics given(INDArray x, Iterator<INDArray> next) {
        GroupStatistics given = GroupStatistics.given(next.next(), next.next()).wide();
        NormChecks.variance(describe(), "variance", spec(), groups(x), given.measure());
        return given;
    }

    /**
     * The groups of an input, checked.
     *
     * @param x input
     * @return its groups
     */
    protected final Groups groups(INDArray x) {
        return spec().on(describe(), NormChecks.floating(describe(), x).shape());
    }

    /**
     * Checks gamma and beta.
     *
     * @param groups the groups of x
     * @param type type of x
     * @param affine gamma and beta
     */
    protected final void check(Groups groups, DataType type, AffineParameters affine) {
        NormChecks.parameter(describe(), "gamma", groups, type, affine.gamma());
        NormChecks.parameter(describe(), "beta", groups, type, affine.beta());
    }

    /**
     * The descriptor of an array of the shape and type of another.
     *
     * @param array an array
     * @return the descriptor
     */
    protected static LongShapeDescriptor like(INDArray array) {
        return LongShapeDescriptor.fromShape(array.shape(), array.dataType());
    }

    /**
     * The descriptor of a statistic.
     *
     * @param groups the groups of x
     * @param x input
     * @return the descriptor
     */
    protected static LongShapeDescriptor statistic(Groups groups, INDArray x) {
        return LongShapeDescriptor.fromShape(groups.statisticShape(), ComputeTypes.of(x.dataType()));
    }

    /**
     * The variables that are not null, in order.
     *
     * @param variables variables
     * @return those that are there
     */
    protected static SDVariable[] present(@Nullable SDVariable... variables) {
        List<SDVariable> inputs = new ArrayList<>();
        for (@Nullable SDVariable variable : variables) {
            if (variable != null) {
                inputs.add(variable);
            }
        }
        return inputs.toArray(new SDVariable[0]);
    }
}
