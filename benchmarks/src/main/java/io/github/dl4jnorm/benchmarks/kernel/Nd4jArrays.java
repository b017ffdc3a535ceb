package io.github.dl4jnorm.benchmarks.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J arrays from and to Java ones. */
final class Nd4jArrays {
    private Nd4jArrays() {}

    static INDArray array(float[] values, long... shape) {
        return Nd4j.createFromArray(values).reshape(shape);
    }

    /** The numbers in 'c' order; null for null. */
    static float[] floats(INDArray array) {
        return array == null ? null : array.dup('c').data().asFloat();
    }

    /** Frees large arrays at once: garbage collection may find that there is no hurry. */
    static void free(INDArray... arrays) {
        for (INDArray array : arrays) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
