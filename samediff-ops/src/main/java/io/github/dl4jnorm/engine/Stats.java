package io.github.dl4jnorm.engine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The statistics that standardize an array: per group its mean, its variance and 1/√(variance + ε).
 *
 * <p>All are contiguous, in the shape of {@link NormAxes#statsShape()}, and of type {@link
 * #typeFor}. They are small and detached from workspaces: everything a backward pass needs besides x.
 *
 * @param mean μ = Σx/M
 * @param variance the biased σ² = Σ(x−μ)²/M
 * @param invStd 1/√(σ²+ε)
 * @param meanRest what μ is more than mean, because that is rounded; or null if it is not wanted, or 0. With it, a
 *     backward pass through an activation finds the very bits that the forward pass activated
 */
public record Stats(INDArray mean, INDArray variance, INDArray invStd, INDArray meanRest) {
    /**
     * Statistics without what rounding left over.
     *
     * @param mean μ
     * @param variance the biased σ²
     * @param invStd 1/√(σ²+ε)
     */
    public Stats(INDArray mean, INDArray variance, INDArray invStd) {
        this(mean, variance, invStd, null);
    }

    /**
     * The type in which statistics of an array are kept: FLOAT for half types, else that of the array.
     *
     * @param arrayType type of x
     * @return FLOAT or DOUBLE
     */
    public static DataType typeFor(DataType arrayType) {
        return arrayType == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
    }

    /** The array in the type that is computed in: a FLOAT copy if its type is a half type, else itself, or null. */
    static INDArray wide(INDArray array) {
        return array == null ? null : array.castTo(typeFor(array.dataType()));
    }

    /**
     * Room for statistics, to be filled by {@link NormEngine#standardize}.
     *
     * @param axes the groups
     * @param arrayType type of x
     * @return uninitialized, detached arrays
     */
    public static Stats allocate(NormAxes axes, DataType arrayType) {
        return new Stats(newStatistic(axes, arrayType), newStatistic(axes, arrayType), newStatistic(axes, arrayType));
    }

    /**
     * As {@link #allocate}, and with room for what a backward pass through an activation needs.
     *
     * @param axes the groups
     * @param arrayType type of x
     * @param activation what is applied to the output
     * @return uninitialized, detached arrays
     */
    public static Stats allocate(NormAxes axes, DataType arrayType, Activation activation) {
        Stats stats = allocate(axes, arrayType);
        return activation == Activation.IDENTITY
                ? stats
                : new Stats(stats.mean, stats.variance, stats.invStd, newStatistic(axes, arrayType));
    }

    /**
     * Room for one statistic, as {@link NormEngine#divideBySum} fills it.
     *
     * @param axes the groups
     * @param arrayType type of x
     * @return an uninitialized, detached array
     */
    public static INDArray newStatistic(NormAxes axes, DataType arrayType) {
        try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return Nd4j.createUninitialized(typeFor(arrayType), axes.statsShape(), 'c');
        }
    }

    /**
     * Statistics known beforehand, such as BatchNorm's running ones.
     *
     * @param axes the groups
     * @param arrayType type of x
     * @param mean one value per group, any shape and floating point type
     * @param variance as mean; not negative
     * @param eps ε, added to the variance
     * @return detached copies, with invStd computed in double
     */
    public static Stats of(NormAxes axes, DataType arrayType, INDArray mean, INDArray variance, double eps) {
        DataType type = typeFor(arrayType);
        long[] shape = axes.statsShape();
        try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray wide = copy(variance, DataType.DOUBLE, shape);
            INDArray invStd = Transforms.pow(wide.addi(eps), -0.5, false).castTo(type);
            return new Stats(copy(mean, type, shape), copy(variance, type, shape), invStd);
        }
    }

    /**
     * Moves a running statistic: running ← decay·running + (1−decay)·batch, computed in the type of the batch's.
     *
     * @param running the running statistic, any shape and floating point type; changed in place
     * @param batch the batch's statistic
     * @param decay weight of the old value, in [0, 1]
     */
    public static void move(INDArray running, INDArray batch, double decay) {
        INDArray kept = running.castTo(batch.dataType()).mul(decay);
        running.assign(kept.addi(batch.mul(1 - decay).reshape('c', running.shape())));
    }

    /**
     * The gradient of a given mean: dMean = −γ·r·dBeta, because ∂y/∂μ = −γ·r for every element of a channel.
     *
     * @param gamma γ per group, or null for 1
     * @param dBeta Σ dy per group
     * @return a new array of the shape and type of the statistics
     */
    public INDArray meanGradient(INDArray gamma, INDArray dBeta) {
        return scale(gamma).muli(likeStatistic(dBeta)).negi();
    }

    /**
     * The gradient of a given variance: dVariance = −½·γ·r²·dGamma, because ∂y/∂σ² = −½·γ·r²·x̂.
     *
     * @param gamma γ per group, or null for 1
     * @param dGamma Σ dy·x̂ per group
     * @return a new array of the shape and type of the statistics
     */
    public INDArray varianceGradient(INDArray gamma, INDArray dGamma) {
        return scale(gamma).muli(invStd).muli(likeStatistic(dGamma)).muli(-0.5);
    }

    /** γ·r. */
    private INDArray scale(INDArray gamma) {
        return gamma == null ? invStd.dup() : invStd.mul(likeStatistic(gamma));
    }

    private INDArray likeStatistic(INDArray parameter) {
        return parameter.castTo(invStd.dataType()).reshape('c', invStd.shape());
    }

    private static INDArray copy(INDArray values, DataType type, long[] shape) {
        return Nd4j.createUninitialized(type, shape, 'c')
                .assign(values.castTo(type).reshape('c', shape));
    }
}
