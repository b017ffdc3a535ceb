package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;

/**
 * The numbers of a group with which its elements are mapped: forward and where B = 0 as {@link InnerLoops#map}, else as
 * {@link InnerLoops#mapBackward}.
 */
final class Coefficients {
    /** What is subtracted from x. */
    double center;

    /** What is subtracted from dy. */
    double gradientCenter;

    double slope;
    double scale;
    double shift;

    /** As many, all zeros. */
    static Coefficients[] newArray(int count) {
        Coefficients[] all = new Coefficients[count];
        Arrays.setAll(all, i -> new Coefficients());
        return all;
    }
}
