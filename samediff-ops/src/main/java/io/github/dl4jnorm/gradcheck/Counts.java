package io.github.dl4jnorm.gradcheck;

import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers that somebody may divide by, each with what it is the number of. */
final class Counts {
    private Counts() {}

    /** Products of the sizes of axes; sizes of 1 are left out. */
    static Map<Integer, String> of(long... shape) {
        Map<Integer, String> counts = new LinkedHashMap<>();
        for (Partition partition : Partition.all(shape)) {
            if (partition.size() > 1) {
                counts.putIfAbsent(partition.size(), "the size of " + partition.describe());
            }
        }
        return counts;
    }
}
