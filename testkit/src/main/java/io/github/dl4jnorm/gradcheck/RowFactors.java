package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of a normalization's Jacobian are multiplied with, a′(z)·γ: y = a(z) with z = γ·x̂ + β.
 *
 * @param gamma γ per output; 1 where nothing shows it
 * @param slope a′(z) per output
 * @param activation the name of a, empty if there is none
 * @param evidence how sure it is that a row's factor is made of these two, and x̂ is right
 */
record RowFactors(double[] gamma, double[] slope, String activation, Evidence evidence) {
    /** Numbers are the same if they are that close. */
    static final double SAME = 1e-6;

    /** From none to certain. */
    enum Evidence {
        /** Any factors would do. */
        NONE,
        /** There is one group, so that a γ may differ for all elements. */
        FREE,
        /** γ is the same along an axis. */
        SHARED,
        /** γ is 1. */
        ONE,
        /** The derivative by an input is x̂. */
        SEEN
    }

    /** Activations whose slope can be told from their output. */
    private static final List<Named> BY_OUTPUT = List.of(
            new Named("ReLU", y -> y >= 0, y -> y > 0 ? 1 : 0),
            new Named("tanh", y -> Math.abs(y) < 1, y -> 1 - y * y),
            new Named("sigmoid", y -> y > 0 && y < 1, y -> y * (1 - y)),
            new Named("ELU", y -> y > -1, y -> y > 0 ? 1 : y + 1),
            new Named("softplus", y -> y > 0, y -> -Math.expm1(-y)));

    private record Named(String name, java.util.function.DoublePredicate range, DoubleUnaryOperator slope) {}

    private record Slope(String name, double[] values) {}

    static RowFactors none(int length) {
        return new RowFactors(ones(length), ones(length), "", Evidence.ONE);
    }

    /**
     * Tells γ from the slope of an activation.
     *
     * @param sample the forward pass
     * @param groups the groups of the normalization
     * @param xHat what its x̂ would be
     * @param factor what each row of its Jacobian is multiplied with
     */
    static RowFactors of(ForwardSample sample, GroupIndex groups, double[] xHat, double... factor) {
        RowFactors best = null;
        for (Slope slope : slopes(sample)) {
            double[] gamma = quotient(factor, slope.values);
            if (gamma != null) {
                Evidence evidence = evidence(sample, groups, xHat, slope, gamma);
                if (best == null || evidence.compareTo(best.evidence) > 0) {
                    best = new RowFactors(filled(sample, gamma), slope.values, slope.name, evidence);
                }
            }
        }
        return best == null || best.evidence == Evidence.NONE
                ? new RowFactors(ones(factor.length), factor, "an element-wise function", Evidence.NONE)
                : best;
    }

    /** No activation, those that y tells, and what an input's derivative would be if that is β. */
    private static List<Slope> slopes(ForwardSample sample) {
        double[] y = sample.y();
        List<Slope> all = new ArrayList<>();
        all.add(new Slope("", ones(y.length)));
        for (Named named : BY_OUTPUT) {
            double[] slope = Arrays.stream(y).map(named.slope).toArray();
            if (Arrays.stream(y).allMatch(named.range) && !same(slope, ones(y.length))) {
                all.add(new Slope(named.name, slope));
            }
        }
        sample.weights().forEach(weight -> all.add(new Slope("an activation", weight)));
        return all;
    }

    private static Evidence evidence(
            ForwardSample sample, GroupIndex groups, double[] xHat, Slope slope, double... gamma) {
        double[] ofGamma = IntStream.range(0, xHat.length)
                .mapToDouble(i -> slope.values[i] * xHat[i])
                .toArray();
        if (sample.weights().stream().anyMatch(w -> w != slope.values && same(w, ofGamma))) {
            return Evidence.SEEN;
        }
        if (Arrays.stream(gamma).allMatch(g -> Double.isNaN(g) || Math.abs(g - 1) <= SAME)) {
            return Evidence.ONE;
        }
        if (widestShared(sample, gamma) != null) {
            return Evidence.SHARED;
        }
        return groups.groups() == 1 && slope.name.isEmpty() ? Evidence.FREE : Evidence.NONE;
    }

    /** NaN where both are zero; null where only the divisor is. */
    private static double @Nullable [] quotient(double[] factor, double... slope) {
        double largest = Elements.largest(factor);
        double[] gamma = new double[factor.length];
        for (int i = 0; i < gamma.length; i++) {
            boolean flat = slope[i] == 0;
            if (flat && Math.abs(factor[i]) > SAME * largest) {
                return null;
            }
            gamma[i] = flat ? Double.NaN : factor[i] / slope[i];
        }
        return gamma;
    }

    private static double[] filled(ForwardSample sample, double... gamma) {
        if (Arrays.stream(gamma).noneMatch(Double::isNaN)) {
            return gamma;
        }
        GroupIndex shared = widestShared(sample, gamma);
        double[] known = shared == null ? gamma : shared.spread(perGroup(shared, gamma));
        return IntStream.range(0, gamma.length)
                .mapToDouble(i -> Double.isNaN(gamma[i]) ? Double.isNaN(known[i]) ? 1 : known[i] : gamma[i])
                .toArray();
    }

    /** The largest groups of several elements within which γ is the same, as far as it is known; null if none. */
    private static @Nullable GroupIndex widestShared(ForwardSample sample, double... gamma) {
        GroupIndex widest = null;
        for (GroupIndex groups : GroupIndex.byAxes(sample.shape())) {
            if (groups.size() > 1 && (widest == null || groups.size() > widest.size())) {
                double[] shared = groups.spread(perGroup(groups, gamma));
                boolean same = IntStream.range(0, gamma.length)
                        .allMatch(i ->
                                Double.isNaN(gamma[i]) || Math.abs(gamma[i] - shared[i]) <= SAME * Math.abs(shared[i]));
                widest = same ? groups : widest;
            }
        }
        return widest;
    }

    /** The first value of each group that is known. */
    private static double[] perGroup(GroupIndex groups, double... values) {
        double[] first = new double[groups.groups()];
        Arrays.fill(first, Double.NaN);
        for (int i = values.length - 1; i >= 0; i--) {
            if (!Double.isNaN(values[i])) {
                first[groups.group()[i]] = values[i];
            }
        }
        return first;
    }

    static boolean same(double[] a, double... b) {
        return IntStream.range(0, a.length).allMatch(i -> Math.abs(a[i] - b[i]) <= SAME * (1 + Math.abs(b[i])));
    }

    private static double[] ones(int length) {
        double[] ones = new double[length];
        Arrays.fill(ones, 1);
        return ones;
    }
}
