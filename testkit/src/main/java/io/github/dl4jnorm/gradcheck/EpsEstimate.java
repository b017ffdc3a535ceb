package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Scale;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;

/** The ε of a forward pass, if its statistics are these. */
final class EpsEstimate {
    private EpsEstimate() {}

    /** Whether derivatives show ε: those of x/√max(q, ε) do not where q is larger, and are the same for ε = 0. */
    static boolean isSeen(Statistic statistic) {
        return statistic.scale() != Scale.INVERSE_FLOORED_ROOT;
    }

    /**
     * From the derivatives, if γ is not known. Row i of the Jacobian is a combination of two known vectors, p·u + t·v,
     * where u_j = δ_ij, less 1/M if a mean is subtracted, and v_j = x_j − c, or 1 for a sum. Both unknowns are fitted to
     * each row. As −t/p = (x_i − c)/(k·(q+ε)), with k = M for means and 1 for sums, they give ε.
     *
     * @return ε; NaN if a group is too small: then u and v are parallel; 0 if it is not seen
     */
    static double fromDerivatives(RealMatrix jacobian, GroupIndex groups, ElementStatistics statistics) {
        if (!isSeen(statistics.statistic())) {
            return 0;
        }
        double[] centered = statistics.centered();
        double[] v = centered.clone();
        if (statistics.statistic().scale() == Scale.INVERSE) {
            Arrays.fill(v, 1);
        }
        double share = statistics.statistic().isCentered() ? 1.0 / groups.size() : 0;
        double k = 1
                / (statistics.statistic().a().of(0, 1, groups.size())
                        + statistics.statistic().b().of(0, 1, statistics.divisor()));
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
                    rowSum += jacobian.getEntry(i, j);
                    alongV += jacobian.getEntry(i, j) * v[j];
                }
            }
            double alongU = jacobian.getEntry(i, i) - share * rowSum;
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
        return median(
                statistics,
                IntStream.range(0, v.length)
                        .mapToDouble(i -> over[i] / under[i] - statistics.measure()[i])
                        .toArray());
    }

    /** From x̂ itself; 0 if it is not seen. */
    static double fromXHat(double[] xHat, ElementStatistics statistics) {
        if (!isSeen(statistics.statistic())) {
            return 0;
        }
        double[] centered = statistics.centered();
        boolean root = statistics.statistic().scale() == Scale.INVERSE_ROOT;
        return median(
                statistics,
                IntStream.range(0, xHat.length)
                        .mapToDouble(i -> {
                            double inverse = centered[i] / xHat[i];
                            return (root ? inverse * inverse : inverse)
                                    - statistics.measure()[i];
                        })
                        .toArray());
    }

    private static double median(ElementStatistics statistics, double... eps) {
        double[] known = IntStream.range(0, eps.length)
                .filter(i -> Double.isFinite(eps[i]))
                .mapToDouble(i -> Math.abs(eps[i]) <= 1e-9 * Math.abs(statistics.measure()[i]) ? 0 : eps[i])
                .sorted()
                .toArray();
        return known.length == 0 ? Double.NaN : rounded(known[known.length / 2]);
    }

    /** People write ε with one or two digits. */
    private static double rounded(double eps) {
        if (!(eps > 0)) {
            return eps;
        }
        double digits = Double.parseDouble(String.format(Locale.ROOT, "%.1e", eps));
        return Math.abs(digits - eps) <= 1e-3 * eps ? digits : eps;
    }

    /** How much this looks like what people write: 2 for none or a power of ten, 1 for two digits, 0 for others. */
    static int roundness(double eps) {
        String digits = String.format(Locale.ROOT, "%.1e", eps);
        if (eps == 0 || digits.startsWith("1.0e") && rounded(eps) == Double.parseDouble(digits)) {
            return 2;
        }
        return eps == Double.parseDouble(digits) ? 1 : 0;
    }
}
