package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Finds out from the derivatives of a forward pass which normalization it is. */
final class NormRecognition {
    /** How well a normalization's formula must meet the true Jacobian, relative to that. */
    private static final double FIT = 1e-6;

    /** Without a γ x/‖x‖ is an RMSNorm whose γ is 1/√M, so that one is tried first, for γ = 1 only. */
    private static final List<Statistic> IN_ORDER =
            List.of(Statistic.SUM, Statistic.L2, Statistic.ROOT_MEAN_SQUARE, Statistic.MEAN_VARIANCE);

    private final ForwardSample sample;

    private NormRecognition(ForwardSample sample) {
        this.sample = sample;
    }

    /** Which normalization a forward pass is, if it is one. */
    static Optional<NormStructure> recognise(ForwardSample sample) {
        return new NormRecognition(sample).recognise();
    }

    /** A forward pass as what it is meant to be, if it is that. */
    static Optional<NormStructure> verify(ForwardSample sample, KnownNorm norm) {
        NormSpec spec = norm.spec();
        GroupIndex groups = norm.groups(sample.shape());
        ElementStatistics statistics = spec.statistic().isGiven()
                ? new ElementStatistics(
                        spec.statistic(), spec.eps(), sample.x(), norm.mean(groups), norm.variance(groups))
                : ElementStatistics.of(spec.statistic(), spec.eps(), groups, sample.x());
        return new NormRecognition(sample).fit(spec, groups, statistics);
    }

    private Optional<NormStructure> recognise() {
        for (NormAxes axes : axes()) {
            GroupIndex groups = GroupIndex.of(axes.on("GradientDoctor", sample.shape()));
            for (Statistic statistic : IN_ORDER) {
                if (groups.size() < smallestGroup(statistic)) {
                    continue;
                }
                double eps = rounded(eps(statistic, groups));
                if (!(eps >= 0) || Double.isInfinite(eps)) {
                    continue;
                }
                ElementStatistics statistics = ElementStatistics.of(statistic, eps, groups, sample.x());
                Optional<NormStructure> found = fit(new NormSpec(statistic, axes, eps), groups, statistics)
                        .filter(norm -> statistic != Statistic.L2 || !norm.hasGamma());
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return scaledPerChannel();
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

    /** In smaller groups any function of one element would do, as γ is free. */
    private static int smallestGroup(Statistic statistic) {
        return statistic.isCentered() ? 3 : 2;
    }

    /** γ is what each row of the Jacobian is a multiple of. */
    private Optional<NormStructure> fit(NormSpec spec, GroupIndex groups, ElementStatistics statistics) {
        double[] gamma = new double[sample.x().length];
        Arrays.fill(gamma, 1);
        NormStructure plain =
                new NormStructure(spec, groups, statistics, sample.shape(), sample.y(), gamma.clone(), true);
        Matrix withoutGamma = plain.formula().jacobian();
        for (int i = 0; i < gamma.length; i++) {
            double dot = 0;
            double square = 0;
            for (int j = 0; j < gamma.length; j++) {
                dot += sample.jacobian().at(i, j) * withoutGamma.at(i, j);
                square += withoutGamma.at(i, j) * withoutGamma.at(i, j);
            }
            gamma[i] = dot / square;
        }
        NormStructure fitted = new NormStructure(spec, groups, statistics, sample.shape(), sample.y(), gamma, true);
        double misfit = fitted.formula().jacobian().distance(sample.jacobian());
        return misfit < FIT * sample.jacobian().norm() ? Optional.of(fitted) : Optional.empty();
    }

    /**
     * A diagonal Jacobian with one factor per index of some axes looks like BatchNorm in inference; which statistics are
     * behind it cannot be seen, so the output is taken for x̂.
     */
    private Optional<NormStructure> scaledPerChannel() {
        Matrix jacobian = sample.jacobian();
        if (jacobian.distance(jacobian.diagonal()) > FIT * jacobian.norm()) {
            return Optional.empty();
        }
        double[] factor = IntStream.range(0, sample.x().length)
                .mapToDouble(i -> jacobian.at(i, i))
                .toArray();
        GroupIndex widest = null;
        for (GroupIndex groups : GroupIndex.byAxes(sample.shape())) {
            if (groups.areEqualWithin(FIT, factor) && groups.axes().length < sample.shape().length) {
                widest = groups;
            }
        }
        if (widest == null) {
            return Optional.empty();
        }
        double[] center = new double[factor.length];
        double[] measure = new double[factor.length];
        double[] gamma = new double[factor.length];
        for (int i = 0; i < factor.length; i++) {
            center[i] = sample.x()[i] - sample.y()[i] / factor[i];
            measure[i] = 1 / (factor[i] * factor[i]);
            gamma[i] = Math.signum(factor[i]);
        }
        return Optional.of(new NormStructure(
                new NormSpec(Statistic.GIVEN, NormAxes.over(widest.axes()), 0),
                widest,
                new ElementStatistics(Statistic.GIVEN, 0, sample.x(), center, measure),
                sample.shape(),
                sample.y(),
                gamma,
                false));
    }

    /**
     * The ε that a forward pass with this statistic must have. Row i of its Jacobian is a combination of two known
     * vectors, p·u + t·v, where u_j = δ_ij, less 1/M if a mean is subtracted, and v_j = x_j − c, or 1 for a sum. Both
     * unknowns are fitted to each row. As −t/p = (x_i − c)/(k·(q+ε)), with k = M for means and 1 for sums, they give ε.
     */
    private double eps(Statistic statistic, GroupIndex groups) {
        ElementStatistics statistics = ElementStatistics.of(statistic, 0, groups, sample.x());
        double[] centered = statistics.centered();
        double[] v = centered.clone();
        if (statistic.scale() == Statistic.Scale.INVERSE) {
            Arrays.fill(v, 1);
        }
        double share = statistic.isCentered() ? 1.0 / groups.size() : 0;
        int m = groups.size();
        double k = 1 / (statistic.a().of(0, 1, m) + statistic.b().of(0, 1, m));
        double[] squares = groups.sums(
                IntStream.range(0, v.length).mapToDouble(i -> v[i] * v[i]).toArray());
        double[] sums = groups.sums(v);
        double[] numerator = new double[v.length];
        double[] denominator = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            double rowSum = 0;
            double alongV = 0;
            for (int j = 0; j < v.length; j++) {
                if (groups.together(i, j)) {
                    rowSum += sample.jacobian().at(i, j);
                    alongV += sample.jacobian().at(i, j) * v[j];
                }
            }
            double alongU = sample.jacobian().at(i, i) - share * rowSum;
            double uu = 1 - share;
            double uv = v[i] - share * sums[i];
            double determinant = uu * squares[i] - uv * uv;
            double p = (squares[i] * alongU - uv * alongV) / determinant;
            double t = (uu * alongV - uv * alongU) / determinant;
            if (Double.isFinite(p) && Double.isFinite(t)) {
                numerator[i] = -k * t * p * centered[i];
                denominator[i] = p * centered[i] * p * centered[i];
            }
        }
        double[] over = groups.sums(denominator);
        double[] under = groups.sums(numerator);
        return median(IntStream.range(0, v.length)
                .mapToDouble(i -> zeroIfTiny(
                        over[i] / under[i] - statistics.measure()[i], statistics.measure()[i]))
                .toArray());
    }

    private static double zeroIfTiny(double eps, double besides) {
        return Math.abs(eps) <= 1e-9 * Math.abs(besides) ? 0 : eps;
    }

    private static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** People write ε with one or two digits. */
    private static double rounded(double eps) {
        if (!(eps > 0) || Double.isInfinite(eps)) {
            return eps;
        }
        double digits = Double.parseDouble(String.format(Locale.ROOT, "%.1e", eps));
        return Math.abs(digits - eps) <= 1e-3 * eps ? digits : eps;
    }
}
