package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A forward pass recognised as a normalization, with everything that its backward pass is made of, per element of x.
 *
 * @param kind which normalization
 * @param partition the groups that share a statistic
 * @param shape shape of x
 * @param eps ε
 * @param x the input
 * @param y the output
 * @param mean μ; for x/Σx unused
 * @param variance σ²; for x/Σx unused
 * @param scale r = 1/√(σ²+ε), or 1/s with s = Σx + ε
 * @param gamma γ; ones for x/Σx
 */
record NormStructure(
        Statistic kind,
        Partition partition,
        long[] shape,
        double eps,
        double[] x,
        double[] y,
        double[] mean,
        double[] variance,
        double[] scale,
        double[] gamma) {
    /** How well a normalization's formula must meet the true Jacobian, relative to that. */
    private static final double FIT = 1e-6;

    /** What one knows of a forward pass: its Jacobian, where, and what came out. */
    record Seen(Matrix jacobian, long[] shape, double[] x, double[] y) {}

    double[] xHat() {
        return IntStream.range(0, x.length)
                .mapToDouble(i -> (x[i] - mean[i]) * scale[i])
                .toArray();
    }

    double[] centred() {
        return IntStream.range(0, x.length).mapToDouble(i -> x[i] - mean[i]).toArray();
    }

    int size() {
        return partition.size();
    }

    String describe() {
        if (kind == Statistic.GIVEN && eps == 0) {
            return "one factor per channel, as in BatchNorm in inference, of " + Arrays.toString(shape) + " over "
                    + partition.describe();
        }
        String count = kind == Statistic.MEAN_VARIANCE ? ", M = " + size() : "";
        return KnownNorm.name(kind, partition, shape.length) + " of " + Arrays.toString(shape) + " over "
                + partition.describe() + count + ", ε = " + String.format(Locale.ROOT, "%.2g", eps);
    }

    /** Which normalization a forward pass is, if it is one. */
    static Optional<NormStructure> recognise(Seen seen) {
        for (Partition partition : Partition.all(seen.shape)) {
            for (Statistic kind : new Statistic[] {Statistic.SUM, Statistic.MEAN_VARIANCE}) {
                double eps = kind == Statistic.MEAN_VARIANCE
                        ? standardizingEps(seen, partition)
                        : summingEps(seen, partition);
                Optional<NormStructure> found = fit(seen, kind, partition, rounded(eps));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return scaledPerChannel(seen);
    }

    /** A forward pass as what it is meant to be, if it is that. */
    static Optional<NormStructure> verify(Seen seen, KnownNorm norm) {
        Partition partition = norm.partition(seen.shape);
        if (norm.statistic() == Statistic.GIVEN) {
            double[] variance = norm.variance(partition);
            return withGamma(seen, norm.statistic(), partition, norm.eps(), norm.mean(partition), variance);
        }
        return fit(seen, norm.statistic(), partition, norm.eps());
    }

    private static Optional<NormStructure> fit(Seen seen, Statistic kind, Partition partition, double eps) {
        if (!(eps >= 0) || Double.isInfinite(eps)) {
            return Optional.empty();
        }
        if (kind == Statistic.MEAN_VARIANCE) {
            return withGamma(seen, kind, partition, eps, partition.means(seen.x), partition.variances(seen.x));
        }
        double[] unused = new double[seen.x.length];
        double[] gamma = unused.clone();
        Arrays.fill(gamma, 1);
        double[] scale = Arrays.stream(partition.means(seen.x))
                .map(mean -> 1 / (mean * partition.size() + eps))
                .toArray();
        return new NormStructure(kind, partition, seen.shape, eps, seen.x, seen.y, unused, unused, scale, gamma)
                .ifItFits(seen.jacobian);
    }

    /** γ is what each row of the Jacobian is a multiple of. */
    private static Optional<NormStructure> withGamma(
            Seen seen, Statistic kind, Partition partition, double eps, double[] mean, double[] variance) {
        double[] scale =
                Arrays.stream(variance).map(v -> 1 / Math.sqrt(v + eps)).toArray();
        double[] gamma = new double[seen.x.length];
        Arrays.fill(gamma, 1);
        NormStructure plain = new NormStructure(
                kind, partition, seen.shape, eps, seen.x, seen.y, mean, variance, scale, gamma.clone());
        Matrix unscaled = plain.backward().jacobian();
        for (int i = 0; i < gamma.length; i++) {
            double dot = 0;
            double square = 0;
            for (int j = 0; j < gamma.length; j++) {
                dot += seen.jacobian.at(i, j) * unscaled.at(i, j);
                square += unscaled.at(i, j) * unscaled.at(i, j);
            }
            gamma[i] = dot / square;
        }
        return new NormStructure(kind, partition, seen.shape, eps, seen.x, seen.y, mean, variance, scale, gamma)
                .ifItFits(seen.jacobian);
    }

    private Optional<NormStructure> ifItFits(Matrix jacobian) {
        double misfit = backward().jacobian().distance(jacobian);
        return misfit < FIT * jacobian.norm() ? Optional.of(this) : Optional.empty();
    }

    /** The right backward pass. */
    Backward backward() {
        return kind == Statistic.SUM ? new SumBackward(this) : new StandardizeBackward(this);
    }

    /**
     * A diagonal Jacobian with one factor per index of some axes looks like BatchNorm in inference; which statistics are
     * behind it cannot be seen, so the output is taken for x̂.
     */
    private static Optional<NormStructure> scaledPerChannel(Seen seen) {
        Matrix jacobian = seen.jacobian;
        if (jacobian.distance(jacobian.diagonal()) > FIT * jacobian.norm()) {
            return Optional.empty();
        }
        double[] factor = IntStream.range(0, seen.x.length)
                .mapToDouble(i -> jacobian.at(i, i))
                .toArray();
        Partition widest = null;
        for (Partition partition : Partition.all(seen.shape)) {
            double[] means = partition.means(factor);
            boolean constant = IntStream.range(0, factor.length)
                    .allMatch(i -> Math.abs(factor[i] - means[i]) <= FIT * Math.abs(means[i]));
            if (constant && partition.axes().length < seen.shape.length) {
                widest = partition;
            }
        }
        if (widest == null) {
            return Optional.empty();
        }
        double[] mean = new double[factor.length];
        double[] variance = new double[factor.length];
        double[] gamma = new double[factor.length];
        for (int i = 0; i < factor.length; i++) {
            mean[i] = seen.x[i] - seen.y[i] / factor[i];
            variance[i] = 1 / (factor[i] * factor[i]);
            gamma[i] = 1;
        }
        return Optional.of(new NormStructure(
                Statistic.GIVEN, widest, seen.shape, 0, seen.x, seen.y, mean, variance, factor, gamma));
    }

    /**
     * The ε that a standardizing forward pass must have: row i of its Jacobian is s·(δ_ij − 1/M) + t·(x_j−μ) with
     * t = −s·(x_i−μ)/(M(σ²+ε)), two unknowns that are fitted to each row.
     */
    private static double standardizingEps(Seen seen, Partition partition) {
        int m = partition.size();
        if (m < 3) {
            return Double.NaN;
        }
        double[] mean = partition.means(seen.x);
        double[] variance = partition.variances(seen.x);
        double[] numerator = new double[partition.groups()];
        double[] denominator = new double[partition.groups()];
        for (int i = 0; i < seen.x.length; i++) {
            double sum = 0;
            double alongX = 0;
            for (int j = 0; j < seen.x.length; j++) {
                if (partition.together(i, j)) {
                    sum += seen.jacobian.at(i, j);
                    alongX += seen.jacobian.at(i, j) * (seen.x[j] - mean[j]);
                }
            }
            double c = seen.x[i] - mean[i];
            double uu = 1 - 1.0 / m;
            double cc = m * variance[i];
            double alongU = seen.jacobian.at(i, i) - sum / m;
            double determinant = uu * cc - c * c;
            double s = (cc * alongU - c * alongX) / determinant;
            double t = (uu * alongX - c * alongU) / determinant;
            if (Double.isFinite(s) && Double.isFinite(t)) {
                numerator[partition.group()[i]] += -m * t * s * c;
                denominator[partition.group()[i]] += s * c * s * c;
            }
        }
        double[] perElement = partition.spread(IntStream.range(0, partition.groups())
                .mapToDouble(g -> denominator[g] / numerator[g])
                .toArray());
        return median(IntStream.range(0, seen.x.length)
                .mapToDouble(i -> zeroIfTiny(perElement[i] - variance[i], variance[i]))
                .toArray());
    }

    /** The ε of x/(Σx + ε). */
    private static double summingEps(Seen seen, Partition partition) {
        double[] mean = partition.means(seen.x);
        return median(IntStream.range(0, seen.x.length)
                .mapToDouble(
                        i -> zeroIfTiny(seen.x[i] / seen.y[i] - mean[i] * partition.size(), mean[i] * partition.size()))
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
