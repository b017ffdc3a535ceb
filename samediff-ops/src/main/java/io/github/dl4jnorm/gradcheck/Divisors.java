package io.github.dl4jnorm.gradcheck;

import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers that somebody may divide by, each with what it is the number of. */
final class Divisors {
    private Divisors() {}

    /** Products of the sizes of axes; sizes of 1 are left out. */
    static Map<Integer, String> of(long... shape) {
        Map<Integer, String> divisors = new LinkedHashMap<>();
        for (GroupIndex groups : GroupIndex.byAxes(shape)) {
            if (groups.size() > 1) {
                divisors.putIfAbsent(groups.size(), "the size of " + groups.text());
            }
        }
        return divisors;
    }
}
