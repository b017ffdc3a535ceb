package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Partial sums of dGamma and dBeta, per parameter, in double. Contributions that come as arrays are first summed in
 * the type of the arrays, a limited number of them.
 *
 * @param <A> type of arrays
 */
final class ParameterSums<A> {
    /** How many arrays are summed in their own type; longer sums would lose accuracy. */
    private static final int MAX_ARRAYS = 64;

    private final InnerLoops<A> loops;
    private final double[] dGamma;
    private final double[] dBeta;

    private final Map<Long, Lanes<A>> lanes = new HashMap<>();

    /** The lanes that were taken last, which are often wanted again. */
    private @Nullable Lanes<A> last;

    private long lastFirst = -1;

    /** Sums of neighbouring parameters in the type of the arrays. */
    static final class Lanes<A> {
        final A forGamma;
        final A forBeta;
        private final int length;
        private int taken;

        private Lanes(InnerLoops<A> loops, int length) {
            this.forGamma = loops.allocate(length);
            this.forBeta = loops.allocate(length);
            this.length = length;
        }
    }

    ParameterSums(long parameters, InnerLoops<A> loops) {
        this.loops = loops;
        this.dGamma = new double[Math.toIntExact(parameters)];
        this.dBeta = new double[dGamma.length];
    }

    /** Room for the sums of several tasks. */
    @SuppressWarnings("unchecked")
    static <A> ParameterSums<A>[] newArray(int length) {
        return (ParameterSums<A>[]) new ParameterSums<?>[length];
    }

    /** Begins anew. */
    void clear() {
        Arrays.fill(dGamma, 0);
        Arrays.fill(dBeta, 0);
        // Lanes are empty: what they held was added.
    }

    double[] dGamma() {
        return dGamma;
    }

    double[] dBeta() {
        return dBeta;
    }

    /** Whether no sum overflowed or is NaN. */
    boolean isFinite() {
        double zero = 0;
        for (int i = 0; i < dGamma.length; i++) {
            zero += 0 * dGamma[i] + 0 * dBeta[i];
        }
        return zero == 0;
    }

    void add(long parameter, double forGamma, double forBeta) {
        dGamma[(int) parameter] += forGamma;
        dBeta[(int) parameter] += forBeta;
    }

    void add(ParameterSums<A> other) {
        for (int i = 0; i < dGamma.length; i++) {
            dGamma[i] += other.dGamma[i];
            dBeta[i] += other.dBeta[i];
        }
    }

    /** The sums of all tasks, in the first of them; added in order. */
    static <A> ParameterSums<A> total(ParameterSums<A>[] parts) {
        for (int task = 1; task < parts.length; task++) {
            parts[0].add(parts[task]);
        }
        return parts[0];
    }

    /** Lanes for arrays of contributions to parameters [first, first+n), which the caller has to add. */
    Lanes<A> take(long first, int n, int count) {
        Lanes<A> into = first == lastFirst ? last : lanes.get(first);
        if (into == null || into.length < n) {
            if (into != null) {
                flush(first, into);
            }
            into = new Lanes<>(loops, n);
            lanes.put(first, into);
        } else if (into.taken + count > MAX_ARRAYS) {
            flush(first, into);
        }
        into.taken += count;
        last = into;
        lastFirst = first;
        return into;
    }

    private void flush(long first, Lanes<A> from) {
        loops.addTo(from.forGamma, 0, from.length, dGamma, (int) first);
        loops.addTo(from.forBeta, 0, from.length, dBeta, (int) first);
        loops.fill(from.forGamma, 0, from.length, 0);
        loops.fill(from.forBeta, 0, from.length, 0);
        from.taken = 0;
    }

    /** Adds what is still in lanes, in a fixed order. */
    void flush() {
        if (lanes.size() > 1) {
            lanes.keySet().stream().sorted().forEach(first -> flush(first, lanes.get(first)));
        } else if (last != null) {
            flush(lastFirst, last);
        }
    }
}
