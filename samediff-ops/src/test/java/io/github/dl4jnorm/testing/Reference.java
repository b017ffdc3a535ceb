package io.github.dl4jnorm.testing;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The normalizations and their gradients as loops over plain doubles, for any normalization and shape, written from the
 * formulas and from nothing else: of the code under test it shares the name of a normalization, {@link NormSpec}, and
 * neither its table of terms nor its axes.
 *
 * <p>All arrays are flat, in 'c' order: x, y and their gradients of the whole shape, statistics of the kept axes,
 * parameters of the affine axes, both in increasing axis order. A null gamma is a factor of 1, a null beta is 0.
 *
 * <p>Everything comes from x, also what the backward pass needs: how an engine rounds its statistics is part of its
 * error. Groups are centred on their first element before they are summed, so that an offset common to all of them costs
 * no digits.
 */
public final class Reference {
    private final NormSpec spec;
    private final int[] group;
    private final int[] parameter;
    private final int groups;
    private final int parameters;
    private final double[] givenMean;
    private final double[] givenVariance;

    private final boolean roundedCenter;

    private Reference(NormSpec spec, int[] group, int[] parameter, double[] givenMean, double[] givenVariance) {
        this(spec, group, parameter, givenMean, givenVariance, false);
    }

    private Reference(
            NormSpec spec,
            int[] group,
            int[] parameter,
            double[] givenMean,
            double[] givenVariance,
            boolean roundedCenter) {
        this.spec = spec;
        this.group = group;
        this.parameter = parameter;
        this.groups = Arrays.stream(group).max().orElse(-1) + 1;
        this.parameters = Arrays.stream(parameter).max().orElse(-1) + 1;
        this.givenMean = givenMean;
        this.givenVariance = givenVariance;
        this.roundedCenter = roundedCenter;
    }

    private static Reference of(NormSpec spec, long[] shape, double[] givenMean, double[] givenVariance) {
        NormAxes axes = spec.axes();
        int[] named = increasing(shape.length, axes.axes());
        int[] along = indexAlong(shape, named);
        int[] group =
                switch (axes.kind()) {
                    case PER_CHANNEL -> along;
                    case OVER -> indexAlong(shape, complement(shape.length, named));
                    case PER_EXAMPLE_AND_CHANNEL -> indexAlong(shape, 0, named[0]);
                    case PER_EXAMPLE_AND_GROUP -> perExample(shape, along, axes.groups(), (int) shape[named[0]]);
                };
        return new Reference(spec, group, along, givenMean, givenVariance);
    }

    private static int[] perExample(long[] shape, int[] channel, int groups, int channels) {
        int[] example = indexAlong(shape, 0);
        return IntStream.range(0, channel.length)
                .map(i -> example[i] * groups + channel[i] / (channels / groups))
                .toArray();
    }

    /**
     * A normalization whose statistics come from x.
     *
     * @param spec the normalization
     * @param shape shape of x
     * @return the oracle
     */
    public static Reference of(NormSpec spec, long... shape) {
        return of(spec, shape, null, null);
    }

    /**
     * A normalization with given statistics.
     *
     * @param spec the normalization, of {@link Statistic#GIVEN}
     * @param shape shape of x
     * @param mean μ per group
     * @param variance σ² per group
     * @return the oracle
     */
    public static Reference given(NormSpec spec, long[] shape, double[] mean, double[] variance) {
        return of(spec, shape, mean, variance);
    }

    /**
     * Any roles of the axes, also such as no {@link NormAxes} speaks of.
     *
     * @param spec the normalization; its axes do not matter
     * @param shape shape of x
     * @param kept the axes along which groups differ, increasing
     * @param affine the axes along which parameters vary, increasing
     * @param mean μ per group, of {@link Statistic#GIVEN}, else null
     * @param variance σ² per group, likewise
     * @return the oracle
     */
    public static Reference ofRoles(
            NormSpec spec, long[] shape, int[] kept, int[] affine, double[] mean, double[] variance) {
        return new Reference(spec, indexAlong(shape, kept), indexAlong(shape, affine), mean, variance);
    }

    /**
     * The same for a backward pass that knows a mean that comes from x as it was rounded only: x − c errs by a share of
     * c then.
     *
     * @return an oracle of greater magnitudes
     */
    public Reference withRoundedCenter() {
        return new Reference(spec, group, parameter, givenMean, givenVariance, true);
    }

    /**
     * y and statistics in one call.
     *
     * @param spec the normalization
     * @param shape shape of x
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     * @return as {@link #forward(double[], double[], double[])}
     */
    public static Forward forward(NormSpec spec, long[] shape, double[] x, double[] gamma, double[] beta) {
        return of(spec, shape).forward(x, gamma, beta);
    }

    /**
     * Gradients in one call.
     *
     * @param spec the normalization
     * @param shape shape of x
     * @param x input
     * @param dy gradient of y
     * @param gamma γ or null
     * @param beta β or null
     * @return as {@link #backward(double[], double[], double[], double[])}
     */
    public static Gradients backward(
            NormSpec spec, long[] shape, double[] x, double[] dy, double[] gamma, double[] beta) {
        return of(spec, shape).backward(x, dy, gamma, beta);
    }

    /**
     * The result of normalizing.
     *
     * @param y a(γ·x̂ + β) with x̂ = (x−c)·s
     * @param center c: Σx/M, the given mean, or 0
     * @param measure q: Σ(x−c)²/M, Σx², Σx or the given variance
     * @param scale s: 1/√(q+ε), 1/(q+ε) of a sum, 1/√max(q, ε) of a unit normalization
     */
    public record Forward(Expected y, Expected center, Expected measure, Expected scale) {}

    /**
     * Gradients.
     *
     * @param dx gradient of x
     * @param dGamma gradient of gamma
     * @param dBeta gradient of beta
     */
    public record Gradients(Expected dx, Expected dGamma, Expected dBeta) {}

    /**
     * Gradients of given statistics.
     *
     * @param dMean gradient of the given mean
     * @param dVariance gradient of the given variance
     */
    public record GivenGradients(Expected dMean, Expected dVariance) {}

    /**
     * y = a(γ·x̂ + β).
     *
     * @param x input
     * @param gamma γ or null
     * @param beta β or null
     * @return y and the statistics
     */
    public Forward forward(double[] x, double[] gamma, double[] beta) {
        Statistics statistics = new Statistics(x);
        Expected y = Expected.zeros(x.length, statistics.xHat.length());
        for (int i = 0; i < x.length; i++) {
            double value = scaled(statistics, gamma, beta, i);
            double factor = Math.abs(factor(gamma, i));
            double bias = beta == null ? 0 : Math.abs(beta[parameter[i]]);
            boolean cut = spec.activation() == FusedActivation.RELU && value < 0;
            y.set(i, cut ? 0 : value, factor * statistics.xHat.magnitudes()[i] + bias);
        }
        return new Forward(y, statistics.center, statistics.measure, statistics.scale);
    }

    /**
     * The gradients, from the chain rule through x̂. The derivatives ∂x̂_i/∂x_j are, within a group,
     *
     * <pre>
     * mean and variance    s·(δ_ij − 1/M − x̂_i·x̂_j/M)
     * root mean square     s·(δ_ij − x̂_i·x̂_j/M)
     * unit                 s·(δ_ij − x̂_i·x̂_j), and s·δ_ij where Σx² < ε
     * sum                  s·(δ_ij − x̂_i)
     * given                s·δ_ij
     * </pre>
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param gamma γ or null, as in the forward pass
     * @param beta β or null, as in the forward pass
     * @return all gradients
     */
    public Gradients backward(double[] x, double[] dy, double[] gamma, double[] beta) {
        Statistics statistics = new Statistics(x);
        double[] behind = behindActivation(statistics, dy, gamma, beta);
        Expected sumG = Expected.zeros(groups, groupSize());
        Expected sumGXHat = Expected.zeros(groups, groupSize());
        Expected dGamma = Expected.zeros(parameters, Math.max(groupSize(), x.length / parameters));
        Expected dBeta = Expected.zeros(parameters, x.length / parameters);
        for (int i = 0; i < x.length; i++) {
            double g = factor(gamma, i) * behind[i];
            double xHat = statistics.xHat.values()[i];
            double size = statistics.xHat.magnitudes()[i];
            sumG.add(group[i], g);
            sumGXHat.add(group[i], g * xHat, Math.abs(g) * size);
            dGamma.add(parameter[i], behind[i] * xHat, Math.abs(behind[i]) * size);
            dBeta.add(parameter[i], behind[i]);
        }
        Expected dx = Expected.zeros(x.length, groupSize());
        for (int i = 0; i < x.length; i++) {
            int k = group[i];
            double g = factor(gamma, i) * behind[i];
            double s = statistics.scale.values()[k];
            boolean belowFloor = statistics.isBelowFloor(k);
            double taken = taken(
                    belowFloor,
                    sumG.values()[k],
                    sumGXHat.values()[k],
                    statistics.xHat.values()[i]);
            double size = taken(
                    belowFloor,
                    sumG.magnitudes()[k],
                    sumGXHat.magnitudes()[k],
                    statistics.xHat.magnitudes()[i]);
            dx.set(i, s * (g - taken), statistics.scale.magnitudes()[k] * Math.abs(g) + Math.abs(s) * size);
        }
        return new Gradients(dx, dGamma, dBeta);
    }

    /** What a row of the Jacobian takes away from g; of the magnitudes of sums and x̂, its magnitude. */
    private double taken(boolean belowFloor, double sumG, double sumGXHat, double xHat) {
        return switch (spec.statistic()) {
            case MEAN_VARIANCE -> (sumG + xHat * sumGXHat) / groupSize();
            case ROOT_MEAN_SQUARE -> xHat * sumGXHat / groupSize();
            case L2 -> belowFloor ? 0 : xHat * sumGXHat;
            case SUM -> sumGXHat;
            case GIVEN -> 0;
        };
    }

    /**
     * The gradients of given statistics, each term differentiated by itself: with f the factor of x̂, ∂y/∂μ = −f·s and
     * ∂y/∂σ² = −½f·(x−μ)·s³.
     *
     * @param x the forward's input
     * @param dy gradient of y
     * @param gamma γ or null, as in the forward pass
     * @param beta β or null, as in the forward pass
     * @return both gradients
     */
    public GivenGradients ofGiven(double[] x, double[] dy, double[] gamma, double[] beta) {
        Statistics statistics = new Statistics(x);
        double[] behind = behindActivation(statistics, dy, gamma, beta);
        Expected dMean = Expected.zeros(groups, groupSize());
        Expected dVariance = Expected.zeros(groups, groupSize());
        for (int i = 0; i < x.length; i++) {
            int k = group[i];
            double g = factor(gamma, i) * behind[i];
            double s = statistics.scale.values()[k];
            dMean.add(k, -g * s);
            dVariance.add(k, -0.5 * g * (x[i] - givenMean[k]) * s * s * s);
        }
        return new GivenGradients(dMean, dVariance);
    }

    /**
     * The number M of elements that share one statistic.
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

    /**
     * The number of values of γ and of β.
     *
     * @return the length of a parameter
     */
    public int parameters() {
        return parameters;
    }

    /**
     * The γ and β of an element.
     *
     * @param element position in 'c' order
     * @return the position of its parameters
     */
    public int parameterOf(int element) {
        return parameter[element];
    }

    /** What x̂ is multiplied with. */
    private double factor(double[] gamma, int element) {
        if (gamma == null) {
            return 1;
        }
        return (spec.unitOffset() ? 1 : 0) + gamma[parameter[element]];
    }

    /** γ·x̂ + β. */
    private double scaled(Statistics statistics, double[] gamma, double[] beta, int i) {
        return factor(gamma, i) * statistics.xHat.values()[i] + (beta == null ? 0 : beta[parameter[i]]);
    }

    private double[] behindActivation(Statistics statistics, double[] dy, double[] gamma, double[] beta) {
        boolean relu = spec.activation() == FusedActivation.RELU;
        return IntStream.range(0, dy.length)
                .mapToDouble(i -> relu && !(scaled(statistics, gamma, beta, i) > 0) ? 0 : dy[i])
                .toArray();
    }

    /** c, q and s per group, and x̂. */
    private final class Statistics {
        private final Expected center = Expected.zeros(groups, groupSize());
        private final Expected measure = Expected.zeros(groups, groupSize());
        private final Expected scale = Expected.zeros(groups, groupSize());
        private final Expected xHat;

        Statistics(double[] x) {
            boolean given = spec.statistic() == Statistic.GIVEN;
            boolean sum = spec.statistic() == Statistic.SUM;
            boolean unit = spec.statistic() == Statistic.L2;
            double[] centred = centred(x);
            for (int k = 0; k < groups && given; k++) {
                measure.set(k, givenVariance[k], givenVariance[k]);
            }
            for (int i = 0; i < x.length && !given; i++) {
                measure.add(group[i], sum ? x[i] : centred[i] * centred[i] / divisor());
            }
            for (int k = 0; k < groups; k++) {
                double q = measure.values()[k];
                double s = sum ? 1 / (q + spec.eps()) : 1 / Math.sqrt(unit ? Math.max(q, spec.eps()) : q + spec.eps());
                // Where positive and negative numbers cancel, a sum is known less well than its size says.
                double condition = sum ? (measure.magnitudes()[k] + spec.eps()) * Math.abs(s) : 1;
                scale.set(k, s, condition * Math.abs(s));
                if (spec.statistic() == Statistic.MEAN_VARIANCE) {
                    // An engine must find the mean to within the spread of the group, not that of its offset.
                    center.set(k, center.values()[k], Math.sqrt(q));
                }
            }
            xHat = Expected.zeros(x.length, given ? 1 : groupSize());
            double ofMean = spec.statistic() == Statistic.MEAN_VARIANCE ? 1 : 0;
            for (int i = 0; i < x.length; i++) {
                int k = group[i];
                double rounding = roundedCenter ? Math.abs(center.values()[k]) * scale.values()[k] : 0;
                double size = Math.abs(centred[i]) * scale.magnitudes()[k] + ofMean + rounding;
                xHat.set(i, centred[i] * scale.values()[k], size);
            }
        }

        /** Whether the scale of a group is 1/√ε, whatever x is nearby. */
        boolean isBelowFloor(int k) {
            return spec.statistic() == Statistic.L2 && measure.values()[k] < spec.eps();
        }

        private double divisor() {
            return spec.statistic() == Statistic.L2 ? 1 : groupSize();
        }

        /** x − c; fills in c. */
        private double[] centred(double[] x) {
            double[] from = new double[groups];
            double[] shift = new double[groups];
            if (spec.statistic() == Statistic.GIVEN) {
                System.arraycopy(givenMean, 0, from, 0, groups);
            } else if (spec.statistic() == Statistic.MEAN_VARIANCE) {
                for (int i = x.length - 1; i >= 0; i--) {
                    from[group[i]] = x[i];
                }
                for (int i = 0; i < x.length; i++) {
                    shift[group[i]] += (x[i] - from[group[i]]) / groupSize();
                }
            }
            for (int k = 0; k < groups; k++) {
                center.set(k, from[k] + shift[k], Math.abs(from[k] + shift[k]));
            }
            return IntStream.range(0, x.length)
                    .mapToDouble(i -> x[i] - from[group[i]] - shift[group[i]])
                    .toArray();
        }
    }

    /** For every element the position, in 'c' order, of its indices along some of the axes. */
    private static int[] indexAlong(long[] shape, int... axes) {
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

    private static int[] increasing(int rank, List<Integer> axes) {
        return axes.stream().mapToInt(a -> a < 0 ? a + rank : a).sorted().toArray();
    }

    private static int[] complement(int rank, int[] axes) {
        return IntStream.range(0, rank)
                .filter(axis -> Arrays.stream(axes).noneMatch(a -> a == axis))
                .toArray();
    }
}
