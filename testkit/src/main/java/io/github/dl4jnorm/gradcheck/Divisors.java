package io.github.dl4jnorm.gradcheck;

import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers that somebody may divide by, each with what it is the number of. */
final class Divisors {
    private Divisors() {}

    /** A factor of two has many reasons: that an axis is of size two, too, says nothing. */
    private static final int TELLING = 3;

    /** Products of the sizes of axes, unless they are too small to tell anything. */
    static Map<Integer, String> of(long... shape) {
        Map<Integer, String> divisors = new LinkedHashMap<>();
        for (GroupIndex groups : GroupIndex.byAxes(shape)) {
            if (groups.size() >= TELLING) {
                divisors.putIfAbsent(groups.size(), "the size of " + groups.text());
            }
        }
        return divisors;
    }
}
