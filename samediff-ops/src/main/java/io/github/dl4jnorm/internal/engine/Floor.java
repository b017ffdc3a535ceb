package io.github.dl4jnorm.internal.engine;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The least that s = 1/√max(q, ε) takes a root of.
 *
 * @param q the measure of each group, in DOUBLE
 * @param eps ε
 */
record Floor(INDArray q, double eps) {
    /** {@return max(q, ε), in a new array} ND4J's maximum of NaN and a number is the number; this one is NaN. */
    INDArray floored() {
        return Choice.of(q.lt(eps), Nd4j.valueArrayOf(q.shape(), eps, q.dataType()), q);
    }

    /**
     * Sets to 0 what comes of s as a function of q, where s is a constant.
     *
     * @param values one per group
     * @return a new array
     */
    INDArray zeroBelow(INDArray values) {
        return Choice.of(q.lt(eps), values.like(), values);
    }
}
