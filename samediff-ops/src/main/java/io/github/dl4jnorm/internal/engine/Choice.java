package io.github.dl4jnorm.internal.engine;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.controlflow.Select;
import org.nd4j.linalg.factory.Nd4j;

/** One of two arrays, element by element: unlike a product with zeros and ones it does not spread NaN and infinities. */
final class Choice {
    private Choice() {}

    /**
     * Chooses.
     *
     * @param condition an array of booleans
     * @param yes of its shape
     * @param no of its shape
     * @return a new array with the elements of {@code yes} where the condition is true, else those of {@code no}
     */
    static INDArray of(INDArray condition, INDArray yes, INDArray no) {
        INDArray chosen = no.ulike();
        Nd4j.exec(new Select(new INDArray[] {condition, yes, no}, new INDArray[] {chosen}));
        return chosen;
    }
}
