package io.github.dl4jnorm.samediff;

import io.github.dl4jnorm.engine.AffineActivation;
import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormChecks;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.NormEngines;
import io.github.dl4jnorm.engine.Stats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.shape.ZerosLike;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * What the normalization ops share: their axes as integer arguments, and which of gamma and beta are there as boolean
 * arguments. x is the first input, gamma and beta follow where present.
 */
public abstract class NormOp extends JavaOp {
    private static final int PER_CHANNEL = 0;
    private static final int GAMMA = 1;
    private static final int BETA = 2;

    /** For cloning and loading. */
    protected NormOp() {}

    /**
     * Adds the op to a graph.
     *
     * @param sameDiff the graph
     * @param layout axes and parameters
     * @param inputs input variables
     */
    protected NormOp(SameDiff sameDiff, Layout layout, SDVariable... inputs) {
        super(sameDiff, inputs);
        addIArgument(layout.axes);
        addBArgument(layout.perChannel, layout.gamma, layout.beta);
    }

    /**
     * Which axes a normalization is over and which parameters it has.
     *
     * @param perChannel true if {@code axes} holds the one channel axis of a BatchNorm, false if the reduced axes
     * @param gamma whether there is a gamma
     * @param beta whether there is a beta
     * @param axes axes, negative ones from the end
     */
    public record Layout(boolean perChannel, boolean gamma, boolean beta, int... axes) {}

    /**
     * Axes and parameters of this op, for its backward op.
     *
     * @return the layout
     */
    protected final Layout layout() {
        int[] axes = Arrays.stream(iArgs()).mapToInt(Math::toIntExact).toArray();
        return new Layout(getBArgument(PER_CHANNEL), hasGamma(), hasBeta(), axes);
    }

    /**
     * Whether gamma is an input.
     *
     * @return true if so
     */
    protected final boolean hasGamma() {
        return getBArgument(GAMMA);
    }

    /**
     * Whether beta is an input.
     *
     * @return true if so
     */
    protected final boolean hasBeta() {
        return getBArgument(BETA);
    }

    /**
     * The axes of the op for an input, checked.
     *
     * @param x input
     * @return its axes
     */
    protected final NormAxes axes(INDArray x) {
        long[] shape = NormChecks.floating(describe(), x).shape();
        Layout layout = layout();
        return layout.perChannel
                ? NormAxes.perChannel(describe(), shape, layout.axes[0])
                : NormAxes.over(describe(), shape, layout.axes);
    }

    /**
     * The engine for an input.
     *
     * @param x input
     * @return an engine
     */
    protected static NormEngine engine(INDArray x) {
        return NormEngines.forArray(x);
    }

    /**
     * Reads parameters behind a number of other arrays.
     *
     * @param arrays inputs or outputs of the op
     * @param index index of gamma, if there is one
     * @return gamma or null
     */
    protected final INDArray gamma(List<INDArray> arrays, int index) {
        return hasGamma() ? arrays.get(index) : null;
    }

    /**
     * Reads parameters behind a number of other arrays.
     *
     * @param arrays inputs or outputs of the op
     * @param gammaIndex index of gamma, if there is one; beta follows
     * @return beta or null
     */
    protected final INDArray beta(List<INDArray> arrays, int gammaIndex) {
        return hasBeta() ? arrays.get(hasGamma() ? gammaIndex + 1 : gammaIndex) : null;
    }

    /**
     * Reads the parameters of a forward op behind a number of other arrays.
     *
     * @param inputs inputs of the op
     * @param gammaIndex index of gamma, if there is one; beta follows
     * @return gamma and beta, where present
     */
    protected final AffineActivation affine(List<INDArray> inputs, int gammaIndex) {
        return new AffineActivation(gamma(inputs, gammaIndex), beta(inputs, gammaIndex));
    }

    /**
     * The number of parameters among the inputs.
     *
     * @return 0, 1 or 2
     */
    protected final int parameterCount() {
        return (hasGamma() ? 1 : 0) + (hasBeta() ? 1 : 0);
    }

    /**
     * Checks gamma and beta.
     *
     * @param axes axes
     * @param inputs inputs of the op
     * @param gammaIndex index of gamma, if there is one; beta follows
     */
    protected final void checkParameters(NormAxes axes, List<INDArray> inputs, int gammaIndex) {
        DataType type = inputs.get(0).dataType();
        NormChecks.parameter(describe(), "gamma", axes, type, gamma(inputs, gammaIndex));
        NormChecks.parameter(describe(), "beta", axes, type, beta(inputs, gammaIndex));
    }

    /**
     * The descriptor of an array of the shape and type of x.
     *
     * @param x an array
     * @return the descriptor
     */
    protected static LongShapeDescriptor like(INDArray x) {
        return LongShapeDescriptor.fromShape(x.shape(), x.dataType());
    }

    /**
     * The descriptor of a statistic.
     *
     * @param axes axes
     * @param x input
     * @return the descriptor
     */
    protected static LongShapeDescriptor statistic(NormAxes axes, INDArray x) {
        return LongShapeDescriptor.fromShape(axes.statsShape(), Stats.typeFor(x.dataType()));
    }

    /**
     * Descriptors of dx and of the gradients of the parameters.
     *
     * @param axes axes
     * @param x input
     * @param parameters number of parameters
     * @return the descriptors
     */
    protected static List<LongShapeDescriptor> gradientShapes(NormAxes axes, INDArray x, int parameters) {
        List<LongShapeDescriptor> shapes = new ArrayList<>();
        shapes.add(like(x));
        shapes.addAll(Collections.nCopies(parameters, LongShapeDescriptor.fromShape(axes.affineShape(), x.dataType())));
        return shapes;
    }

    /**
     * The input variables, x first and null left out.
     *
     * @param required variables that must be there
     * @param optional variables that may be null
     * @return those that are there
     */
    protected static SDVariable[] present(List<SDVariable> required, SDVariable... optional) {
        List<SDVariable> inputs = new ArrayList<>(required);
        for (SDVariable variable : optional) {
            if (variable != null) {
                inputs.add(variable);
            }
        }
        return inputs.toArray(new SDVariable[0]);
    }

    /**
     * Refuses to differentiate through an output that only the backward op may use: its gradient would be missing, and
     * silently so. SameDiff hands in zeros for outputs that the loss does not depend on.
     *
     * @param gradients gradients of all outputs; that of the first one is used
     */
    protected final void refuseGradientsBeyondFirst(List<SDVariable> gradients) {
        for (int i = 1; i < gradients.size(); i++) {
            if (!(sameDiff.getVariableOutputOp(gradients.get(i).name()) instanceof ZerosLike)) {
                throw new UnsupportedOperationException(describe() + ": the loss depends on output \""
                        + outputVariables()[i].name() + "\", a saved statistic without a gradient of its own; compute"
                        + " the statistic with SameDiff's own ops to differentiate through it");
            }
        }
    }

    @Override
    public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
        return Collections.nCopies(getNumOutputs(), inputTypes.get(0));
    }
}
