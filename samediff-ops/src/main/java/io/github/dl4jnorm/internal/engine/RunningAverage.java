package io.github.dl4jnorm.internal.engine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** The running statistics of BatchNorm: running ← decay·running + (1−decay)·batch. */
public final class RunningAverage {
    /** The largest numbers of the half types; the variance of activations may well exceed that of HALF. */
    private static final double LARGEST_HALF = 65504;

    private static final double LARGEST_BFLOAT16 = 0x1.fep127;

    private RunningAverage() {}

    /**
     * The unbiased variance σ²·M/(M − 1).
     *
     * @param biased σ²
     * @param count the number M of values that each variance is of
     * @return a new array; of one value, which has no unbiased variance, the array that was given
     */
    public static INDArray unbiased(INDArray biased, double count) {
        return count > 1 ? biased.mul(count / (count - 1)) : biased;
    }

    /**
     * Moves a running statistic, computed in the type of the batch's. What a half type cannot hold becomes the nearest
     * number that it can, instead of infinity, which would never leave again. What has no weight has no part in the
     * average: an infinite or NaN value of the batch none at decay 1, of the running statistic none at decay 0. Each value
     * is written once: who reads in another thread, as ParallelWrapper does when it copies a network, sees no half of a
     * step.
     *
     * @param running the running statistic, any shape and floating point type; changed in place
     * @param batch the batch's statistic
     * @param decay weight of the old value, in [0, 1]
     * @return whether a value was too large for the type of the running statistic
     */
    public static boolean move(INDArray running, INDArray batch, double decay) {
        if (decay == 1) {
            return false;
        }
        INDArray moved = batch.mul(1 - decay).reshape('c', running.shape());
        if (decay != 0) {
            moved.addi(running.castTo(batch.dataType()).mul(decay));
        }
        double largest = largest(running.dataType());
        boolean saturates = false;
        if (largest < Double.POSITIVE_INFINITY) {
            saturates = moved.gt(largest).any() || moved.lt(-largest).any();
            BooleanIndexing.replaceWhere(moved, largest, Conditions.greaterThan(largest));
            BooleanIndexing.replaceWhere(moved, -largest, Conditions.lessThan(-largest));
        }
        running.assign(moved);
        return saturates;
    }

    /**
     * Whether single steps of a running statistic are lost: a step of (1−decay) times its size is rounded away if it is
     * less than half the distance to the next number of its type.
     *
     * @param type type of the running statistic
     * @param decay weight of the old value
     * @return true for a half type with too few digits for the decay
     */
    public static boolean losesSteps(DataType type, double decay) {
        double unitRoundoff = type == DataType.FLOAT16 ? 0x1p-11 : type == DataType.BFLOAT16 ? 0x1p-8 : 0;
        return 1 - decay < unitRoundoff;
    }

    private static double largest(DataType type) {
        if (type == DataType.FLOAT16) {
            return LARGEST_HALF;
        }
        return type == DataType.BFLOAT16 ? LARGEST_BFLOAT16 : Double.POSITIVE_INFINITY;
    }
}
