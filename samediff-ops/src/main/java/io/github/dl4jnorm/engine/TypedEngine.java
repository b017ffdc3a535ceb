package io.github.dl4jnorm.engine;

import io.github.dl4jnorm.kernel.Affine;
import io.github.dl4jnorm.kernel.ApplyStats;
import io.github.dl4jnorm.kernel.ApplyStatsBackward;
import io.github.dl4jnorm.kernel.DivideBySum;
import io.github.dl4jnorm.kernel.DivideBySumBackward;
import io.github.dl4jnorm.kernel.Groups;
import io.github.dl4jnorm.kernel.Memory;
import io.github.dl4jnorm.kernel.NormKernels;
import io.github.dl4jnorm.kernel.Operand;
import io.github.dl4jnorm.kernel.Pass;
import io.github.dl4jnorm.kernel.Standardize;
import io.github.dl4jnorm.kernel.StandardizeBackward;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link FusedEngine} for one data type: describes arrays to the kernels.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
final class TypedEngine<A> implements NormEngine {
    private final NormKernels<A> kernels;
    private final Function<INDArray, Memory<A>> memory;

    TypedEngine(NormKernels<A> kernels, Function<INDArray, Memory<A>> memory) {
        this.kernels = kernels;
        this.memory = memory;
    }

    @Override
    public String name() {
        return FusedEngine.NAME;
    }

    @Override
    public void standardize(NormAxes axes, INDArray x, AffineActivation affine, double eps, INDArray y, Stats stats) {
        run(
                axes,
                new Standardize<>(
                        whole(x),
                        forward(axes, affine),
                        eps,
                        whole(y),
                        statistic(axes, stats.mean()),
                        statistic(axes, stats.meanRest()),
                        statistic(axes, stats.variance()),
                        statistic(axes, stats.invStd())),
                x,
                affine,
                y,
                stats);
    }

    @Override
    public void standardizeBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            AffineActivation affine,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta) {
        run(
                axes,
                new StandardizeBackward<>(
                        whole(x),
                        whole(dy),
                        backward(axes, affine, dGamma, dBeta),
                        statistic(axes, stats.mean()),
                        statistic(axes, stats.meanRest()),
                        statistic(axes, stats.invStd()),
                        whole(dx)),
                x,
                dy,
                affine,
                stats,
                dx,
                dGamma,
                dBeta);
    }

    @Override
    public void applyStats(NormAxes axes, INDArray x, AffineActivation affine, Stats stats, INDArray y) {
        run(
                axes,
                new ApplyStats<>(
                        whole(x),
                        forward(axes, affine),
                        statistic(axes, stats.mean()),
                        statistic(axes, stats.invStd()),
                        whole(y)),
                x,
                affine,
                stats,
                y);
    }

    @Override
    public void applyStatsBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            AffineActivation affine,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta) {
        run(
                axes,
                new ApplyStatsBackward<>(
                        whole(x),
                        whole(dy),
                        backward(axes, affine, dGamma, dBeta),
                        statistic(axes, stats.mean()),
                        statistic(axes, stats.invStd()),
                        whole(dx)),
                x,
                dy,
                affine,
                stats,
                dx,
                dGamma,
                dBeta);
    }

    @Override
    public void divideBySum(NormAxes axes, INDArray x, double eps, INDArray y, INDArray sum) {
        run(axes, new DivideBySum<>(whole(x), eps, whole(y), statistic(axes, sum)), x, y, sum);
    }

    @Override
    public void divideBySumBackward(NormAxes axes, INDArray x, INDArray dy, INDArray sum, INDArray dx) {
        run(axes, new DivideBySumBackward<>(whole(x), whole(dy), statistic(axes, sum), whole(dx)), x, dy, sum, dx);
    }

    /** Runs a pass and keeps the arrays from being collected meanwhile, whose memory would be freed. */
    private void run(NormAxes axes, Pass<A> pass, Object... arrays) {
        try {
            kernels.run(groups(axes), pass);
        } finally {
            Reference.reachabilityFence(arrays);
        }
    }

    private static Groups groups(NormAxes axes) {
        long[] shape = axes.shape();
        return new Groups(shape, marks(axes.reduced(), shape.length), marks(axes.affine(), shape.length));
    }

    private static boolean[] marks(int[] axes, int rank) {
        boolean[] marks = new boolean[rank];
        for (int axis : axes) {
            marks[axis] = true;
        }
        return marks;
    }

    private Operand<A> whole(INDArray array) {
        return operand(array, array.stride());
    }

    private Operand<A> statistic(NormAxes axes, INDArray array) {
        return array == null ? null : along(axes.kept(), axes, array);
    }

    private Affine<A> forward(NormAxes axes, AffineActivation affine) {
        return new Affine<>(
                parameter(axes, affine.gamma()), parameter(axes, affine.beta()), null, null, affine.activates());
    }

    private Affine<A> backward(NormAxes axes, AffineActivation affine, INDArray dGamma, INDArray dBeta) {
        return new Affine<>(
                parameter(axes, affine.gamma()),
                affine.activates() ? parameter(axes, affine.beta()) : null,
                parameter(axes, dGamma),
                parameter(axes, dBeta),
                affine.activates());
    }

    private Operand<A> parameter(NormAxes axes, INDArray array) {
        return array == null ? null : along(axes.affine(), axes, array);
    }

    /** An array that has one value per index of some of the axes. */
    private Operand<A> along(int[] some, NormAxes axes, INDArray array) {
        long[] shape = axes.shape();
        long[] own = strides(array, Arrays.stream(some).mapToLong(a -> shape[a]).toArray());
        long[] strides = new long[shape.length];
        for (int i = 0; i < some.length; i++) {
            strides[some[i]] = own[i];
        }
        return operand(array, strides);
    }

    /** The strides of an array as if it had another shape, with 'c' order between the two. */
    private static long[] strides(INDArray array, long[] shape) {
        if (Arrays.equals(array.shape(), shape)) {
            return array.stride();
        }
        long step = step(array);
        long[] strides = new long[shape.length];
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = step;
            step *= shape[axis];
        }
        return strides;
    }

    /** The one distance between neighbours in 'c' order. */
    private static long step(INDArray array) {
        long step = 0;
        long next = 0;
        for (int axis = array.rank() - 1; axis >= 0; axis--) {
            if (array.size(axis) > 1) {
                step = step == 0 ? array.stride(axis) : step;
                next = next == 0 ? step : next;
                if (array.stride(axis) != next) {
                    throw new IllegalArgumentException("expected values that are evenly spaced in 'c' order, got shape "
                            + Arrays.toString(array.shape()) + " with strides " + Arrays.toString(array.stride()));
                }
                next *= array.size(axis);
            }
        }
        return Math.max(1, step);
    }

    private Operand<A> operand(INDArray array, long[] strides) {
        return new Operand<>(memory.apply(array), array.offset(), strides);
    }
}
