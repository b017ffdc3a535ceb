package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.NormStructure.Origin;
import io.github.dl4jnorm.gradcheck.RowFactors.Evidence;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Finds out from a forward pass, its derivatives and those by its parameters which normalization it is.
 *
 * <p>The derivatives by x alone leave a factor open: with γ = √((M−1)/M) and another ε the biased variance gives those of
 * the unbiased one, and with γ = 1/√M an RMSNorm gives those of x/‖x‖. So all statistics are tried, and that one is
 * taken whose x̂ is the derivative by a parameter, or whose γ is 1, or whose ε is what people write.
 */
final class NormRecognition {
    /** How well a normalization's formula must meet the true Jacobian, relative to that. */
    static final double FIT = 1e-6;

    private static final List<Statistic> IN_ORDER =
            List.of(Statistic.SUM, Statistic.ROOT_MEAN_SQUARE, Statistic.L2, Statistic.MEAN_VARIANCE);

    private static final Comparator<NormStructure> BY_EVIDENCE = Comparator.comparing(
                    (NormStructure norm) -> norm.factors().evidence())
            .thenComparing(norm -> EpsEstimate.roundness(norm.spec().eps()));

    private final ForwardSample sample;

    private NormRecognition(ForwardSample sample) {
        this.sample = sample;
    }

    /** Which normalization a forward pass is, if it is one. */
    static Optional<NormStructure> recognise(ForwardSample sample) {
        NormRecognition recognition = new NormRecognition(sample);
        return recognition.fromX().or(recognition::softmax).or(() -> new InferenceRecognition(sample).recognise());
    }

    /** A forward pass as what it is meant to be, if it is that. */
    static Optional<NormStructure> verify(ForwardSample sample, KnownNorm norm) {
        NormSpec spec = norm.spec();
        GroupIndex groups = norm.groups(sample.shape());
        double divisor = groups.size() - (norm.isUnbiased() ? 1 : 0);
        ElementStatistics statistics = spec.statistic().isGiven()
                ? new ElementStatistics(
                        spec.statistic(), spec.eps(), divisor, sample.x(), norm.mean(groups), norm.variance(groups))
                : ElementStatistics.of(spec.statistic(), spec.eps(), groups, divisor, sample.x());
        return new NormRecognition(sample)
                .fit(spec, groups, statistics, Origin.DECLARED)
                .filter(found -> !contradicted(sample, found));
    }

    /** Whether a parameter's derivative is x̂ times a constant other than 1: then another divisor or ε was used. */
    private static boolean contradicted(ForwardSample sample, NormStructure found) {
        if (found.factors().evidence() == Evidence.SEEN || found.hasActivation()) {
            return false;
        }
        double[] xHat = found.statistics().xHat();
        return sample.weights().stream().anyMatch(weight -> {
            double factor = dot(weight, xHat) / dot(xHat, xHat);
            double[] scaled = Arrays.stream(xHat).map(v -> factor * v).toArray();
            return Math.abs(factor - 1) > RowFactors.SAME && RowFactors.same(weight, scaled);
        });
    }

    private static double dot(double[] a, double... b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private Optional<NormStructure> fromX() {
        for (NormAxes axes : axes()) {
            GroupIndex groups = GroupIndex.of(axes.on("GradientDoctor", sample.shape()));
            List<NormStructure> found = new ArrayList<>();
            for (Statistic statistic : IN_ORDER) {
                addFits(found, axes, groups, statistic, groups.size());
                if (statistic == Statistic.MEAN_VARIANCE && groups.size() > 1) {
                    addFits(found, axes, groups, statistic, groups.size() - 1);
                }
            }
            Optional<NormStructure> best = found.stream().max(BY_EVIDENCE);
            if (best.isPresent()) {
                // The first of equally good ones.
                return found.stream()
                        .filter(norm -> BY_EVIDENCE.compare(norm, best.get()) == 0)
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    private void addFits(
            List<NormStructure> found, NormAxes axes, GroupIndex groups, Statistic statistic, double divisor) {
        ElementStatistics statistics = ElementStatistics.of(statistic, 0, groups, divisor, sample.x());
        if (groups.size() >= smallestGroup(statistic)) {
            double eps = EpsEstimate.fromDerivatives(sample.jacobian(), groups, statistics);
            fit(axes, groups, statistics, eps).ifPresent(found::add);
            return;
        }
        for (double[] xHat : possibleXHats()) {
            fit(axes, groups, statistics, EpsEstimate.fromXHat(xHat, statistics))
                    .filter(norm -> RowFactors.same(norm.statistics().xHat(), xHat)
                            && norm.factors().evidence().compareTo(Evidence.ONE) >= 0)
                    .ifPresent(found::add);
        }
    }

    /** In smaller groups any function of one element would do, as γ is free: there x̂ itself must be seen. */
    private static int smallestGroup(Statistic statistic) {
        return statistic.isCentered() ? 3 : 2;
    }

    /** The derivative by γ, that by γ over that by β, or y without both. */
    private List<double[]> possibleXHats() {
        List<double[]> all = new ArrayList<>(sample.weights());
        for (double[] first : sample.weights()) {
            for (double[] second : sample.weights()) {
                if (first != second) {
                    all.add(IntStream.range(0, first.length)
                            .mapToDouble(i -> first[i] / second[i])
                            .toArray());
                }
            }
        }
        if (sample.weights().isEmpty()) {
            all.add(sample.y());
        }
        return all;
    }

    private Optional<NormStructure> fit(NormAxes axes, GroupIndex groups, ElementStatistics statistics, double eps) {
        return eps >= 0 && Double.isFinite(eps)
                ? fit(new NormSpec(statistics.statistic(), axes, eps), groups, statistics.with(eps), Origin.X)
                : Optional.empty();
    }

    /** γ and the slope of an activation are what each row of the Jacobian is a multiple of. */
    private Optional<NormStructure> fit(NormSpec spec, GroupIndex groups, ElementStatistics statistics, Origin origin) {
        int n = sample.x().length;
        RealMatrix plain = structure(spec, groups, statistics, RowFactors.none(n), origin)
                .formula()
                .jacobian();
        double[] factor = new double[n];
        for (int i = 0; i < n; i++) {
            double dot = 0;
            double square = 0;
            for (int j = 0; j < n; j++) {
                dot += sample.jacobian().getEntry(i, j) * plain.getEntry(i, j);
                square += plain.getEntry(i, j) * plain.getEntry(i, j);
            }
            factor[i] = dot / square;
        }
        RowFactors factors = RowFactors.of(sample, groups, statistics.xHat(), factor);
        NormStructure fitted = structure(spec, groups, statistics, factors, origin);
        return meetsJacobian(fitted) ? Optional.of(fitted) : Optional.empty();
    }

    private boolean meetsJacobian(NormStructure norm) {
        double misfit = Matrices.distance(norm.formula().jacobian(), sample.jacobian());
        return misfit < FIT * sample.jacobian().getFrobeniusNorm();
    }

    private NormStructure structure(
            NormSpec spec, GroupIndex groups, ElementStatistics statistics, RowFactors factors, Origin origin) {
        return new NormStructure(spec, groups, statistics, sample.shape(), sample.y(), factors, origin);
    }

    /** All sets of axes, few axes first, then splits into groups. */
    private List<NormAxes> axes() {
        long[] shape = sample.shape();
        List<NormAxes> all = new ArrayList<>();
        for (GroupIndex groups : GroupIndex.byAxes(shape)) {
            int[] axes = groups.axes();
            boolean allButOne = axes.length == shape.length - 1 && axes[0] == 0;
            int kept = IntStream.range(0, shape.length)
                    .filter(a -> Arrays.stream(axes).noneMatch(b -> b == a))
                    .findFirst()
                    .orElse(0);
            all.add(allButOne ? NormAxes.perChannel(kept) : NormAxes.over(axes));
        }
        for (int axis = 1; axis < shape.length; axis++) {
            for (int count = 2; count < shape[axis]; count++) {
                if (shape[axis] % count == 0) {
                    all.add(NormAxes.perExampleAndGroup(count, axis));
                }
            }
        }
        return all;
    }

    /** e^x/Σe^x: a sum-normalization of e^x, to which the largest x of a group is 1, as any factor goes out. */
    private Optional<NormStructure> softmax() {
        for (GroupIndex groups : GroupIndex.byAxes(sample.shape())) {
            double[] x = sample.x();
            double[] largest = new double[groups.groups()];
            Arrays.fill(largest, Double.NEGATIVE_INFINITY);
            for (int i = 0; i < x.length; i++) {
                largest[groups.group()[i]] = Math.max(largest[groups.group()[i]], x[i]);
            }
            double[] exponentials = IntStream.range(0, x.length)
                    .mapToDouble(i -> Math.exp(x[i] - largest[groups.group()[i]]))
                    .toArray();
            ElementStatistics statistics = ElementStatistics.of(Statistic.SUM, 0, groups, exponentials);
            NormStructure softmax = structure(
                    new NormSpec(Statistic.SUM, NormAxes.over(groups.axes()), 0),
                    groups,
                    statistics,
                    RowFactors.none(x.length),
                    Origin.EXPONENTIALS);
            if (groups.size() > 1 && RowFactors.same(sample.y(), statistics.xHat()) && meetsJacobian(softmax)) {
                return Optional.of(softmax);
            }
        }
        return Optional.empty();
    }
}
