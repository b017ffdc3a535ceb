package io.github.dl4jnorm.internal.kernel;

import static io.github.dl4jnorm.internal.kernel.VectorFloats.LANES;

import java.util.Arrays;

/** Two sums of each of the last lanes of a tile, one vector of them, of which some belong to the vector before. */
final class VectorFloatLastLanes {
    final float[] first = new float[LANES];
    final float[] second = new float[LANES];

    void clear() {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
    }

    /** Adds them to the sums of n lanes, from one lane on. Modified: to, others. */
    void addTo(int from, int n, float[] to, float[] others) {
        for (int k = from; k < n; k++) {
            to[k] += first[k - (n - LANES)];
            others[k] += second[k - (n - LANES)];
        }
    }
}
