package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.NormStructure.Origin;
import io.github.dl4jnorm.gradcheck.RowFactors.Evidence;
import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Recognises BatchNorm in inference, whose Jacobian is diagonal with one factor per channel. Its statistics cannot be
 * seen in y, which γ and β have a part in, but in the derivative by γ, which is x̂.
 */
final class InferenceRecognition {
    private final ForwardSample sample;
    private final double[] factor;

    InferenceRecognition(ForwardSample sample) {
        this.sample = sample;
        this.factor = Matrices.diagonal(sample.jacobian());
    }

    Optional<NormStructure> recognise() {
        RealMatrix jacobian = sample.jacobian();
        if (Matrices.distance(jacobian, Matrices.diagonalOnly(jacobian))
                > NormRecognition.FIT * jacobian.getFrobeniusNorm()) {
            return Optional.empty();
        }
        for (double[] weight : sample.weights()) {
            Optional<NormStructure> found = widest(weight, Origin.SEEN_IN_GAMMA);
            if (found.isPresent()) {
                return found;
            }
        }
        return widest(sample.y(), Origin.UNKNOWN);
    }

    /** The largest groups within which x̂, or y where that is not known, is (x − μ)·s with one μ and one s. */
    private Optional<NormStructure> widest(double[] xHat, Origin origin) {
        NormStructure widest = null;
        for (GroupIndex groups : GroupIndex.byAxes(sample.shape())) {
            if (groups.axes().length < sample.shape().length && groups.size() > 1) {
                NormStructure norm = of(groups, xHat, origin);
                widest = norm == null ? widest : norm;
            }
        }
        return Optional.ofNullable(widest);
    }

    private @Nullable NormStructure of(GroupIndex groups, double[] xHat, Origin origin) {
        double[] s = origin == Origin.UNKNOWN ? factor : slopes(groups, sample.x(), xHat);
        double[] center = IntStream.range(0, s.length)
                .mapToDouble(i -> sample.x()[i] - xHat[i] / s[i])
                .toArray();
        boolean isChannel = isScale(s, xHat)
                && groups.areEqualWithin(RowFactors.SAME, factor)
                && groups.areEqualWithin(RowFactors.SAME, s)
                && oneCenter(groups, center);
        boolean isNorm = origin == Origin.UNKNOWN
                ? hasMeanAndScale(groups, center)
                : Arrays.stream(s).allMatch(v -> v > 0) && !RowFactors.same(xHat, sample.x());
        if (!isChannel || !isNorm) {
            return null;
        }
        double[] gamma = IntStream.range(0, s.length)
                .mapToDouble(i -> factor[i] / Math.abs(s[i]))
                .toArray();
        double[] ones = new double[s.length];
        Arrays.fill(ones, 1);
        return new NormStructure(
                new NormSpec(Statistic.GIVEN, NormAxes.over(groups.axes()), 0),
                groups,
                new ElementStatistics(
                        Statistic.GIVEN,
                        0,
                        groups.size(),
                        sample.x(),
                        center,
                        Arrays.stream(s).map(v -> 1 / (v * v)).toArray()),
                sample.shape(),
                sample.y(),
                new RowFactors(gamma, ones, "", origin == Origin.UNKNOWN ? Evidence.SHARED : Evidence.SEEN),
                origin);
    }

    /** Whether what is taken for x̂ depends on x at all: the derivative by β does not. */
    private boolean isScale(double[] s, double... xHat) {
        double smallest = RowFactors.SAME * Elements.largest(xHat) / Elements.largest(sample.x());
        return Arrays.stream(s).allMatch(v -> Math.abs(v) > smallest);
    }

    /** The slope of the line through each group's points. */
    private static double[] slopes(GroupIndex groups, double[] x, double... y) {
        double[] meanX = groups.means(x);
        double[] meanY = groups.means(y);
        double[] xy = groups.sums(IntStream.range(0, x.length)
                .mapToDouble(i -> (x[i] - meanX[i]) * (y[i] - meanY[i]))
                .toArray());
        double[] xx = groups.sums(IntStream.range(0, x.length)
                .mapToDouble(i -> (x[i] - meanX[i]) * (x[i] - meanX[i]))
                .toArray());
        return IntStream.range(0, x.length).mapToDouble(i -> xy[i] / xx[i]).toArray();
    }

    private boolean oneCenter(GroupIndex groups, double... center) {
        double[] means = groups.means(center);
        double size = Elements.largest(sample.x());
        return IntStream.range(0, center.length)
                .allMatch(i -> Math.abs(center[i] - means[i]) <= RowFactors.SAME * (size + Math.abs(means[i])));
    }

    /** 2x, x − 3, or one line for all x is no normalization; channels that differ in both are. */
    private boolean hasMeanAndScale(GroupIndex groups, double... center) {
        double size = Elements.largest(sample.x());
        boolean mean = Arrays.stream(center).anyMatch(c -> Math.abs(c) > RowFactors.SAME * size);
        boolean scale = Arrays.stream(factor).anyMatch(f -> Math.abs(f - 1) > RowFactors.SAME);
        double first = factor[0];
        boolean differ = groups.groups() == 1
                || Arrays.stream(factor).anyMatch(f -> Math.abs(f - first) > RowFactors.SAME * Math.abs(first))
                || Arrays.stream(center).anyMatch(c -> Math.abs(c - center[0]) > RowFactors.SAME * size);
        return mean && scale && differ;
    }
}
