package io.github.dl4jnorm.testing;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The normalizations and their gradients as loops over plain doubles, for any shape and axes, written from the formulas
 * and from nothing else.
 *
 * <p>All arrays are flat, in 'c' order: x, y and their gradients of the whole shape, statistics of the kept axes,
 * parameters of the affine axes, both in increasing axis order. A null gamma is 1, a null beta is 0.
 *
 * <p>Groups are centred on their first element before they are summed, so that an offset common to all of them costs no
 * digits.
 */
public final class Reference {
    private final int[] group;
    private final int[] parameter;
    private final int groups;
    private final int parameters;

    private Reference(long[] shape, int[] reduced, int[] affine) {
        int[] kept = complement(shape.length, reduced);
        this.group = indexAlong(shape, kept);
        this.parameter = indexAlong(shape, affine);
        this.groups = count(shape, kept);
        this.parameters = count(shape, affine);
    }

    /**
     * BatchNorm: a statistic and a parameter per channel.
     *
     * @param shape shape of x
     * @param channelAxis axis of the channels, negative from the end
     * @return the oracle
     */
    public static Reference perChannel(long[] shape, int channelAxis) {
        int[] channel = increasing(shape.length, channelAxis);
        return new Reference(shape, complement(shape.length, channel), channel);
    }

    /**
     * LayerNorm and sum-normalization: statistics over axes, and parameters of the shape of these axes.
     *
     * @param shape shape of x
     * @param axes the normalized axes, in any order, negative from the end
     * @return the oracle
     */
    public static Reference over(long[] shape, int... axes) {
        int[] reduced = increasing(shape.length, axes);
        return new Reference(shape, reduced, reduced);
    }

    /**
     * Any normalization: InstanceNorm and GroupNorm too.
     *
     * @param shape shape of x
     * @param reduced the axes whose elements share a statistic, increasing
     * @param affine the axes along which parameters vary, increasing
     * @return the oracle
     */
    public static Reference of(long[] shape, int[] reduced, int[] affine) {
        return new Reference(shape, reduced.clone(), affine.clone());
    }

    /**
     * The result of standardizing.
     *
     * @param y γ·(x−μ)·r + β
     * @param mean μ = Σx/M
     * @param variance σ² = Σ(x−μ)²/M
     * @param invStd r = 1/√(σ²+ε)
     */
    public record Standardized(Expected y, Expected mean, Expected variance, Expected invStd) {}

    /**
     * Gradients of {@link #standardize}.
     *
     * @param dx gradient of x
     * @param dGamma gradient of gamma
     * @param dBeta gradient of beta
     */
    public record Gradients(Expected dx, Expected dGamma, Expected dBeta) {}

    /**
     * Gradients of {@link #applyStats}.
     *
     * @param dx gradient of x
     * @param dGamma gradient of gamma
     * @param dBeta gradient of beta
     * @param dMean gradient of the given mean, only where parameters and statistics have the same axes
     * @param dVariance gradient of the given variance, likewise
     */
    public record GivenGradients(Expected dx, Expected dGamma, Expected dBeta, Expected dMean, Expected dVariance) {}

    /**
     * The result of sum-normalizing.
     *
     * @param y x/s
     * @param sum s = Σx + ε
     */
    public record SumNormalized(Expected y, Expected sum) {}

    /**
     * y = γ·(x−μ)/√(σ²+ε) + β with the statistics of x.
     *
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     * @param eps ε
     * @return y and the statistics
     */
    public Standardized standardize(double[] x, double[] gamma, double[] beta, double eps) {
        int length = groupSize();
        double[] first = firstOfGroups(x);
        Expected y = Expected.zeros(x.length, length);
        Expected mean = Expected.zeros(groups, length);
        Expected variance = Expected.zeros(groups, length);
        Expected invStd = Expected.zeros(groups, length);

        double[] shift = new double[groups];
        for (int i = 0; i < x.length; i++) {
            shift[group[i]] += (x[i] - first[group[i]]) / length;
        }
        for (int i = 0; i < x.length; i++) {
            double centred = x[i] - first[group[i]] - shift[group[i]];
            variance.add(group[i], centred * centred / length);
        }
        for (int k = 0; k < groups; k++) {
            double sigma2 = variance.values()[k];
            double r = 1 / Math.sqrt(sigma2 + eps);
            // An engine must find the mean to within the spread of the group, not only within the size of its offset.
            mean.set(k, first[k] + shift[k], Math.sqrt(sigma2));
            invStd.set(k, r, r);
        }
        for (int i = 0; i < x.length; i++) {
            double xHat = (x[i] - first[group[i]] - shift[group[i]]) * invStd.values()[group[i]];
            double scale = gamma(gamma, i);
            double bias = beta == null ? 0 : beta[parameter[i]];
            y.set(i, scale * xHat + bias, Math.abs(scale) * (1 + Math.abs(xHat)) + Math.abs(bias));
        }
        return new Standardized(y, mean, variance, invStd);
    }

    /**
     * The gradients of {@link #standardize}, from the chain rule through x̂ with ∂x̂_i/∂x_j = r·(δ_ij − 1/M − x̂_i·x̂_j/M).
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param gamma γ or null
     * @param mean μ per group: the forward's, exact or as an engine rounded it
     * @param invStd r per group, likewise
     * @return all gradients
     */
    public Gradients standardizeBackward(double[] x, double[] dy, double[] gamma, double[] mean, double[] invStd) {
        int length = groupSize();
        double[] xHat = xHat(x, mean, invStd);
        Expected meanG = Expected.zeros(groups, length);
        Expected meanGxHat = Expected.zeros(groups, length);
        for (int i = 0; i < x.length; i++) {
            double g = gamma(gamma, i) * dy[i];
            meanG.add(group[i], g / length);
            meanGxHat.add(group[i], g * xHat[i] / length);
        }
        Expected dx = Expected.zeros(x.length, length);
        for (int i = 0; i < x.length; i++) {
            int k = group[i];
            double g = gamma(gamma, i) * dy[i];
            double r = invStd[k];
            double value = r * (g - meanG.values()[k] - xHat[i] * meanGxHat.values()[k]);
            double magnitude = r
                    * (Math.abs(g)
                            + meanG.magnitudes()[k]
                            + Math.abs(xHat[i]) * meanGxHat.magnitudes()[k]);
            dx.set(i, value, magnitude);
        }
        return new Gradients(dx, dGamma(dy, xHat), dBeta(dy));
    }

    /**
     * y = γ·(x−μ)·r + β with given statistics.
     *
     * @param x input
     * @param mean μ per group
     * @param variance σ² per group
     * @param gamma γ or null
     * @param beta β or null
     * @param eps ε
     * @return y
     */
    public Expected applyStats(
            double[] x, double[] mean, double[] variance, double[] gamma, double[] beta, double eps) {
        double[] xHat = xHat(x, mean, invStd(variance, eps));
        Expected y = Expected.zeros(x.length, 1);
        for (int i = 0; i < x.length; i++) {
            y.add(i, gamma(gamma, i) * xHat[i]);
            y.add(i, beta == null ? 0 : beta[parameter[i]]);
        }
        return y;
    }

    /**
     * The gradients of {@link #applyStats}, each term differentiated by itself: ∂y/∂x = γr, ∂y/∂μ = −γr, ∂y/∂σ² =
     * −½γ(x−μ)r³.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param mean μ per group
     * @param variance σ² per group
     * @param gamma γ or null
     * @param eps ε
     * @return all gradients
     */
    public GivenGradients applyStatsBackward(
            double[] x, double[] dy, double[] mean, double[] variance, double[] gamma, double eps) {
        int length = groupSize();
        double[] invStd = invStd(variance, eps);
        Expected dx = Expected.zeros(x.length, 1);
        Expected dMean = Expected.zeros(groups, length);
        Expected dVariance = Expected.zeros(groups, length);
        for (int i = 0; i < x.length; i++) {
            int k = group[i];
            double r = invStd[k];
            double g = gamma(gamma, i) * dy[i];
            dx.add(i, g * r);
            dMean.add(k, -g * r);
            dVariance.add(k, -0.5 * g * (x[i] - mean[k]) * r * r * r);
        }
        return new GivenGradients(dx, dGamma(dy, xHat(x, mean, invStd)), dBeta(dy), dMean, dVariance);
    }

    /**
     * y = x/s with s = Σx + ε.
     *
     * @param x input
     * @param eps ε
     * @return y and s
     */
    public SumNormalized divideBySum(double[] x, double eps) {
        Expected sum = Expected.zeros(groups, groupSize());
        for (int k = 0; k < groups; k++) {
            sum.add(k, eps);
        }
        for (int i = 0; i < x.length; i++) {
            sum.add(group[i], x[i]);
        }
        Expected y = Expected.zeros(x.length, groupSize());
        for (int i = 0; i < x.length; i++) {
            double s = sum.values()[group[i]];
            double condition = sum.magnitudes()[group[i]] / Math.abs(s);
            y.set(i, x[i] / s, Math.abs(x[i] / s) * condition);
        }
        return new SumNormalized(y, sum);
    }

    /**
     * The gradient of {@link #divideBySum}, from the Jacobian ∂y_i/∂x_j = (δ_ij − y_i)/s.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param sum s per group: the forward's, exact or as an engine rounded it
     * @return dx
     */
    public Expected divideBySumBackward(double[] x, double[] dy, double[] sum) {
        Expected dot = Expected.zeros(groups, groupSize());
        for (int i = 0; i < x.length; i++) {
            dot.add(group[i], dy[i] * x[i] / sum[group[i]]);
        }
        Expected dx = Expected.zeros(x.length, groupSize());
        for (int i = 0; i < x.length; i++) {
            double s = sum[group[i]];
            double magnitude = (Math.abs(dy[i]) + dot.magnitudes()[group[i]]) / Math.abs(s);
            dx.set(i, (dy[i] - dot.values()[group[i]]) / s, magnitude);
        }
        return dx;
    }

    /**
     * The number M (or D) of elements that share one statistic.
     *
     * @return the size of a group
     */
    public int groupSize() {
        return group.length / groups;
    }

    /**
     * The group of an element.
     *
     * @param element position in 'c' order
     * @return the position of its statistic
     */
    public int groupOf(int element) {
        return group[element];
    }

    private double gamma(double[] gamma, int element) {
        return gamma == null ? 1 : gamma[parameter[element]];
    }

    private double[] xHat(double[] x, double[] mean, double[] invStd) {
        double[] xHat = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            xHat[i] = (x[i] - mean[group[i]]) * invStd[group[i]];
        }
        return xHat;
    }

    private static double[] invStd(double[] variance, double eps) {
        return Arrays.stream(variance).map(v -> 1 / Math.sqrt(v + eps)).toArray();
    }

    private Expected dGamma(double[] dy, double[] xHat) {
        Expected dGamma = Expected.zeros(parameters, dy.length / parameters);
        for (int i = 0; i < dy.length; i++) {
            dGamma.add(parameter[i], dy[i] * xHat[i]);
        }
        return dGamma;
    }

    private Expected dBeta(double[] dy) {
        Expected dBeta = Expected.zeros(parameters, dy.length / parameters);
        for (int i = 0; i < dy.length; i++) {
            dBeta.add(parameter[i], dy[i]);
        }
        return dBeta;
    }

    private double[] firstOfGroups(double[] x) {
        double[] first = new double[groups];
        for (int i = x.length - 1; i >= 0; i--) {
            first[group[i]] = x[i];
        }
        return first;
    }

    /** For every element the position, in 'c' order, of its indices along some of the axes. */
    private static int[] indexAlong(long[] shape, int[] axes) {
        int[] positions = new int[Doubles.length(shape)];
        long[] index = new long[shape.length];
        for (int i = 0; i < positions.length; i++) {
            long position = 0;
            for (int axis : axes) {
                position = position * shape[axis] + index[axis];
            }
            positions[i] = (int) position;
            Doubles.increment(index, shape);
        }
        return positions;
    }

    private static int count(long[] shape, int[] axes) {
        int count = 1;
        for (int axis : axes) {
            count *= (int) shape[axis];
        }
        return count;
    }

    private static int[] increasing(int rank, int... axes) {
        return Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray();
    }

    private static int[] complement(int rank, int[] axes) {
        return IntStream.range(0, rank)
                .filter(axis -> Arrays.stream(axes).noneMatch(a -> a == axis))
                .toArray();
    }
}
