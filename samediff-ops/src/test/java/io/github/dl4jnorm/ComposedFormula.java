package io.github.dl4jnorm;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Normalizations composed of SameDiff's own operations, whose gradients are SameDiff's: written from the formulas, and
 * sharing nothing with the library but the {@link NormSpec} that it reads.
 *
 * <p>With no reduced axis of size 1, and not all axes reduced: there SameDiff's own reductions fail.
 */
final class ComposedFormula {
    private final NormSpec spec;
    private final long[] shape;

    /** The shape in which groups of channels, if any, have an axis of their own. */
    private final long[] split;

    /** Axes of {@link #split}. */
    private final int[] reduced;

    ComposedFormula(NormSpec spec, long... shape) {
        this.spec = spec;
        this.shape = shape;
        int[] axes = axes();
        switch (spec.axes().kind()) {
            case OVER -> {
                split = shape;
                reduced = axes;
            }
            case PER_CHANNEL -> {
                split = shape;
                reduced = allBut(split, axes[0]);
            }
            case PER_EXAMPLE_AND_CHANNEL -> {
                split = shape;
                reduced = allBut(split, 0, axes[0]);
            }
            case PER_EXAMPLE_AND_GROUP -> {
                int groups = spec.axes().groups();
                split = LongStream.concat(
                                LongStream.concat(
                                        Arrays.stream(shape, 0, axes[0]),
                                        LongStream.of(groups, shape[axes[0]] / groups)),
                                Arrays.stream(shape, axes[0] + 1, shape.length))
                        .toArray();
                reduced = allBut(split, 0, axes[0]);
            }
            default -> throw new AssertionError(spec);
        }
    }

    private static int[] allBut(long[] shape, Integer... axes) {
        return IntStream.range(0, shape.length)
                .filter(axis -> !Set.of(axes).contains(axis))
                .toArray();
    }

    /** The axes that the spec names, counted from 0: those of the parameters. */
    private int[] axes() {
        return spec.axes().axes().stream()
                .mapToInt(axis -> Math.floorMod(axis, shape.length))
                .sorted()
                .toArray();
    }

    /** The shape of gamma and beta. */
    long[] parameterShape() {
        return Arrays.stream(axes()).mapToLong(axis -> shape[axis]).toArray();
    }

    /** The shape in which a parameter broadcasts against x. */
    private long[] broadcast() {
        long[] sizes = new long[shape.length];
        Arrays.fill(sizes, 1);
        for (int axis : axes()) {
            sizes[axis] = shape[axis];
        }
        return sizes;
    }

    /** y of variables x, gamma, beta, mean and variance, of which those not there are null. */
    SDVariable of(SameDiff sd, Map<String, SDVariable> v) {
        SDVariable y = normalized(sd, v);
        if (v.get("gamma") != null) {
            SDVariable gamma = v.get("gamma").reshape(broadcast());
            y = y.mul(spec.unitOffset() ? gamma.add(1) : gamma);
        }
        if (v.get("beta") != null) {
            y = y.add(v.get("beta").reshape(broadcast()));
        }
        return spec.activation() == FusedActivation.RELU ? sd.nn().relu(y, 0) : y;
    }

    private SDVariable normalized(SameDiff sd, Map<String, SDVariable> v) {
        double eps = spec.eps();
        SDVariable x = v.get("x").reshape(split);
        SDVariable normalized =
                switch (spec.statistic()) {
                    case MEAN_VARIANCE -> {
                        SDVariable c = x.sub(x.mean(true, reduced));
                        yield c.div(sd.math().sqrt(c.mul(c).mean(true, reduced).add(eps)));
                    }
                    case ROOT_MEAN_SQUARE ->
                        x.div(sd.math().sqrt(x.mul(x).mean(true, reduced).add(eps)));
                    case L2 -> x.div(sd.math().sqrt(sd.math().max(x.mul(x).sum(true, reduced), sd.constant(eps))));
                    case SUM -> x.div(x.sum(true, reduced).add(eps));
                    case GIVEN ->
                        x.sub(v.get("mean").reshape(broadcast()))
                                .div(sd.math()
                                        .sqrt(v.get("variance")
                                                .reshape(broadcast())
                                                .add(eps)));
                };
        return normalized.reshape(shape);
    }
}
