package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;
import static io.github.dl4jnorm.internal.kernel.VectorFloats.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Where two sums, in four registers each, live between two calls of a loop. */
final class VectorFloatRegisters {
    /** In one array, so that either all of it lies across lines of the cache, or nothing. */
    final float[] sums = new float[8 * LANES];

    void clear() {
        Arrays.fill(sums, 0);
    }

    /** Adds up the registers, to the first of either sum. */
    void fold() {
        for (int from = 0; from < sums.length; from += 4 * LANES) {
            FloatVector.fromArray(SPECIES, sums, from)
                    .add(FloatVector.fromArray(SPECIES, sums, from + LANES))
                    .add(FloatVector.fromArray(SPECIES, sums, from + 2 * LANES)
                            .add(FloatVector.fromArray(SPECIES, sums, from + 3 * LANES)))
                    .intoArray(sums, from);
        }
    }

    /** Adds the first register of either sum. Modified: to. */
    void addTo(double[] to) {
        to[0] += total(0);
        to[1] += total(4);
    }

    /** Sets both sums of a row from the k-th register of either. Modified: to, others. */
    void get(int k, int row, double[] to, double[] others) {
        to[row] = total(k);
        others[row] = total(4 + k);
    }

    /** The same of four rows. */
    void getRows(int row, double[] to, double[] others) {
        for (int k = 0; k < 4; k++) {
            get(k, row + k, to, others);
        }
    }

    /** All of both sums, where the second is what rounding took from the first; in double, as they may cancel. */
    double total() {
        double sum = 0;
        for (int k = 0; k < 4; k++) {
            sum += total(k) + total(4 + k);
        }
        return sum;
    }

    /** Of one register. */
    private double total(int k) {
        return ScalarFloatArrays.inDouble(sums, k * LANES, LANES);
    }
}
