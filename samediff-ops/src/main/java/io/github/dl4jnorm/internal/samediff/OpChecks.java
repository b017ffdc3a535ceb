package io.github.dl4jnorm.internal.samediff;

import io.github.dl4jnorm.internal.engine.ComputeTypes;
import io.github.dl4jnorm.internal.engine.NormChecks;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Checks of what an op is made of, when it is added: everything that the graph knows by then. It knows all types, the
 * shapes of variables and constants, and what its user said of those of placeholders; of what other ops compute it knows
 * no shape before it runs. Each check throws {@link IllegalArgumentException}, before anything is added.
 */
public final class OpChecks {
    private static final long UNKNOWN = -1;

    private final SameDiff sd;
    private final String who;

    /**
     * Checks of one op.
     *
     * @param sd the graph
     * @param function the function that adds the op
     * @param name name of its output, or null
     */
    public OpChecks(SameDiff sd, String function, @Nullable String name) {
        this.sd = sd;
        this.who = name == null ? function : function + " \"" + name + "\"";
    }

    /**
     * Something must be as expected.
     *
     * @param holds whether it is
     * @param message what was expected, and what came
     */
    public void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(who + ": " + message);
        }
    }

    /**
     * An argument must be there.
     *
     * @param name its name
     * @param argument the argument
     */
    public void present(String name, @Nullable Object argument) {
        require(argument != null, name + " is missing");
    }

    /**
     * A variable must not be in the graph.
     *
     * @param name its name, or null for none
     */
    public void newVariable(@Nullable String name) {
        require(
                name == null || !sd.hasVariable(name),
                "a variable of the name \"" + name + "\" is in the graph already");
    }

    /**
     * The normalization and x, γ and β must fit each other.
     *
     * @param spec the normalization
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     */
    public void input(NormSpec spec, SDVariable x, @Nullable SDVariable gamma, @Nullable SDVariable beta) {
        present("spec", spec);
        spec.checkEps(who);
        spec.axes().check(who);
        present("x", x);
        require(
                ComputeTypes.isSupported(x.dataType()),
                "expected type FLOAT, DOUBLE, HALF or BFLOAT16, got " + x.dataType());
        Groups groups = groups(spec, x);
        long[] expected = groups == null ? unknown(spec.axes()) : groups.parameterShape();
        parameter("gamma", x, gamma, expected);
        parameter("beta", x, beta, expected);
        alike("gamma", gamma, "beta", beta);
    }

    private void parameter(String name, SDVariable x, @Nullable SDVariable parameter, long... expected) {
        if (parameter != null) {
            require(parameter.dataType() == x.dataType(), mixedTypes(x, name, parameter));
            shaped(name, parameter, expected);
        }
    }

    /**
     * A mean and variance must be there, one value per channel of x, in its type or that of its statistics.
     *
     * @param spec the normalization, per channel
     * @param x input, checked
     * @param meanName what the caller calls the mean
     * @param mean mean
     * @param varianceName what the caller calls the variance
     * @param variance variance
     */
    public void statistics(
            NormSpec spec, SDVariable x, String meanName, SDVariable mean, String varianceName, SDVariable variance) {
        Groups groups = groups(spec, x);
        long[] expected = groups == null ? new long[] {UNKNOWN} : groups.statisticShape();
        statistic(x, meanName, mean, expected);
        statistic(x, varianceName, variance, expected);
        alike(meanName, mean, varianceName, variance);
    }

    private void statistic(SDVariable x, String name, SDVariable statistic, long... expected) {
        present(name, statistic);
        DataType type = statistic.dataType();
        require(type == x.dataType() || type == ComputeTypes.of(x.dataType()), mixedTypes(x, name, statistic));
        shaped(name, statistic, expected);
    }

    /**
     * Running statistics must be constants, as {@link #statistics} says, in the type of statistics.
     *
     * @param spec the normalization, per channel
     * @param x input, checked
     * @param mean running mean
     * @param variance running variance
     * @param decay weight of the old value
     */
    public void running(NormSpec spec, SDVariable x, SDVariable mean, SDVariable variance, double decay) {
        NormChecks.decay(who, decay);
        constant(x, "runningMean", mean);
        constant(x, "runningVariance", variance);
        statistics(spec, x, "runningMean", mean, "runningVariance", variance);
    }

    private void constant(SDVariable x, String name, SDVariable running) {
        present(name, running);
        DataType expected = ComputeTypes.of(x.dataType());
        require(
                running.dataType() == expected,
                "expected " + name + " of type " + expected + " for x of type " + x.dataType() + ", got "
                        + running.dataType());
        require(
                running.getVariableType() == VariableType.CONSTANT,
                "expected " + name + " to be a CONSTANT (sd.constant), got " + running.getVariableType() + " \""
                        + running.name() + "\": an updater must not change it");
    }

    /**
     * x must have so many channels.
     *
     * @param x input, checked
     * @param channels number of channels
     * @param channelAxis their axis
     */
    public void channels(SDVariable x, long channels, int channelAxis) {
        require(channels >= 1, "expected 1 or more channels, got " + channels);
        long[] shape = shape(x);
        if (shape != null) {
            int axis = channelAxis < 0 ? channelAxis + shape.length : channelAxis;
            require(
                    shape[axis] == channels || shape[axis] == UNKNOWN,
                    "expected " + channels + " channels on axis " + axis + ", got " + shape[axis] + " (shape "
                            + Arrays.toString(shape) + ")");
        }
    }

    /** The groups of x, with sizes of −1 where they are not known, or null if not even the rank is. */
    private @Nullable Groups groups(NormSpec spec, SDVariable x) {
        long[] shape = shape(x);
        return shape == null ? null : spec.on(who, shape);
    }

    /** The shape of a variable, with sizes of −1 where they are not known, or null. */
    private static long @Nullable [] shape(SDVariable variable) {
        long[] shape = variable.getShape();
        boolean nothingSaid = variable.isPlaceHolder() && shape != null && shape.length == 0;
        return nothingSaid ? null : shape;
    }

    /** The shape of parameters of which no more is known than how many axes they have. */
    private static long[] unknown(NormAxes axes) {
        long[] shape = new long[axes.axes().size()];
        Arrays.fill(shape, UNKNOWN);
        return shape;
    }

    private void shaped(String name, SDVariable variable, long... expected) {
        long[] shape = shape(variable);
        if (shape != null && !NormChecks.fits(expected, shape)) {
            boolean sizesKnown = Arrays.stream(expected).anyMatch(size -> size != UNKNOWN);
            require(
                    false,
                    sizesKnown
                            ? "expected " + name + " of shape " + Arrays.toString(expected) + ", got "
                                    + Arrays.toString(shape)
                            : "expected " + name + " of rank " + expected.length + ", got shape "
                                    + Arrays.toString(shape));
        }
    }

    private void alike(String name, @Nullable SDVariable one, String otherName, @Nullable SDVariable other) {
        long[] shape = one == null ? null : shape(one);
        long[] otherShape = other == null ? null : shape(other);
        if (shape != null && otherShape != null) {
            require(
                    NormChecks.fits(shape, otherShape) || NormChecks.fits(otherShape, shape),
                    "expected " + otherName + " of the shape of " + name + ", " + Arrays.toString(shape) + ", got "
                            + Arrays.toString(otherShape));
        }
    }

    private static String mixedTypes(SDVariable x, String name, SDVariable variable) {
        return "mixed data types: x is " + x.dataType() + ", " + name + " is " + variable.dataType()
                + "; cast one of them";
    }
}
