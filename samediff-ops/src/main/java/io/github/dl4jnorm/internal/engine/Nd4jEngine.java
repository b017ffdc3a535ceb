package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The engine made of ND4J array operations only: it runs on every backend, CUDA included, and is the second opinion on
 * the others. Each operation is a pass over memory, so it is portable rather than fast.
 *
 * <p>It computes in DOUBLE whatever the type of the arrays, and rounds results once. Of FLOAT and half types every sum,
 * difference and square is in its range then, and groups may have any size; its temporary arrays take twice the memory
 * of FLOAT ones. Of DOUBLE arrays, values beyond 10¹⁵⁴ have squares that are infinite.
 */
public final class Nd4jEngine implements NormEngine {
    /** The name of this engine. */
    public static final String NAME = "nd4j";

    /** Creates the engine; it has no state. */
    public Nd4jEngine() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void forward(NormSpec spec, INDArray x, AffineParameters affine, GroupStatistics statistics, INDArray y) {
        new OneCall(spec, x, affine).forward(statistics, y);
    }

    @Override
    public void backward(
            NormSpec spec,
            INDArray x,
            INDArray dy,
            AffineParameters affine,
            GroupStatistics statistics,
            Gradients gradients) {
        new OneCall(spec, x, affine).backward(statistics, dy, gradients);
    }

    /** The arrays of one call, in the split shape of its groups and in DOUBLE. */
    private static final class OneCall {
        private final NormSpec spec;
        private final Groups groups;
        private final INDArray x;
        private final @Nullable INDArray gamma;
        private final @Nullable INDArray beta;

        /** The type of statistics. */
        private final DataType type;

        OneCall(NormSpec spec, INDArray x, AffineParameters affine) {
            this.spec = spec;
            this.groups = spec.on(NAME, x.shape());
            this.type = ComputeTypes.of(x.dataType());
            this.x = split(x);
            this.gamma = parameter(affine.factor(spec));
            this.beta = parameter(affine.beta());
        }

        void forward(GroupStatistics statistics, INDArray y) {
            if (!spec.statistic().isGiven()) {
                assign(statistics, computed());
            }
            INDArray output =
                    scaled(xHat(statistics, statistic(known(statistics).scale(spec))));
            boolean rectified = spec.activation() == FusedActivation.RELU;
            y.assign((rectified ? Transforms.relu(output) : output).reshape('c', y.shape()));
        }

        void backward(GroupStatistics statistics, INDArray gradient, Gradients results) {
            GroupStatistics known = known(statistics);
            INDArray s = statistic(known.scale(spec));
            INDArray xHat = xHat(statistics, s);
            INDArray dy = behindActivation(xHat, split(gradient));
            INDArray g = gamma == null ? dy : dy.mul(gamma);
            INDArray dx = g;
            INDArray a = term(spec.statistic().a(), g, xHat);
            if (a != null) {
                dx = dx.sub(a);
            }
            INDArray b = term(spec.statistic().b(), g, xHat);
            if (b != null) {
                dx = dx.sub(xHat.mul(whereScaleVaries(b, known.measure())));
            }
            INDArray scaled = dx.mul(s);
            results.dx().assign(scaled.reshape('c', results.dx().shape()));
            if (results.dGamma() != null) {
                assign(results.dGamma(), summed(dy.mul(xHat)));
            }
            if (results.dBeta() != null) {
                assign(results.dBeta(), summed(dy));
            }
        }

        /** The statistics, of which the center is rounded already. */
        private GroupStatistics computed() {
            @Nullable INDArray center = null;
            @Nullable INDArray residual = null;
            INDArray centered = x;
            switch (spec.statistic().center()) {
                case MEAN -> {
                    // The corrected two-pass algorithm (Chan, Golub, LeVeque 1983): what the first mean's rounding
                    // left.
                    INDArray first = x.mean(true, groups.reduced());
                    INDArray left = x.sub(first).mean(true, groups.reduced());
                    center = wide(first.add(left).castTo(type));
                    residual = first.sub(center).addi(left);
                    centered = x.sub(center).subi(residual);
                }
                case NONE, GIVEN_MEAN -> {
                    // Nothing is computed.
                }
            }
            INDArray measure =
                    switch (spec.statistic().measure()) {
                        case SUM_OF_VALUES -> sum();
                        case SUM_OF_SQUARES -> squares(centered);
                        case MEAN_OF_SQUARES -> squares(centered).divi(groups.groupSize());
                        case GIVEN_VARIANCE -> throw new IllegalStateException("given statistics are not computed");
                    };
            INDArray scale = new GroupStatistics(center, residual, measure, null).scale(spec);
            return new GroupStatistics(center, residual, measure, scale);
        }

        private INDArray sum() {
            return x.sum(true, groups.reduced());
        }

        private INDArray squares(INDArray centered) {
            return centered.mul(centered).sum(true, groups.reduced());
        }

        /** As they are stored; of sums, which may have lost their digits when they were stored, from x again. */
        private GroupStatistics known(GroupStatistics statistics) {
            return switch (spec.statistic().measure()) {
                case SUM_OF_VALUES -> new GroupStatistics(null, null, sum(), null);
                case SUM_OF_SQUARES -> new GroupStatistics(null, null, squares(x), null);
                case MEAN_OF_SQUARES, GIVEN_VARIANCE -> statistics.map(OneCall::wide);
            };
        }

        private INDArray xHat(GroupStatistics statistics, INDArray s) {
            INDArray centered = x;
            if (statistics.center() != null) {
                centered = centered.sub(statistic(statistics.center()));
            }
            if (statistics.centerResidual() != null) {
                centered = centered.sub(statistic(statistics.centerResidual()));
            }
            return centered.mul(s);
        }

        /** γ·x̂ + β. */
        private INDArray scaled(INDArray xHat) {
            INDArray scaled = gamma == null ? xHat : xHat.mul(gamma);
            return beta == null ? scaled : scaled.add(beta);
        }

        /** The gradient of γ·x̂ + β, given that of what the activation made of it. */
        private INDArray behindActivation(INDArray xHat, INDArray dy) {
            return switch (spec.activation()) {
                case IDENTITY -> dy;
                case RELU -> {
                    // Rounded as the forward pass does.
                    INDArray positive = scaled(xHat).castTo(type).gt(0);
                    yield Choice.of(positive, dy, dy.like());
                }
            };
        }

        /** A or B; null for 0. */
        private @Nullable INDArray term(Statistic.Term term, INDArray g, INDArray xHat) {
            return switch (term) {
                case ZERO -> null;
                case MEAN_OF_G -> g.mean(true, groups.reduced());
                case MEAN_OF_G_X_HAT -> g.mul(xHat).mean(true, groups.reduced());
                case SUM_OF_G_X_HAT -> g.mul(xHat).sum(true, groups.reduced());
            };
        }

        /** B of every group: 0 where s is a constant. */
        private INDArray whereScaleVaries(INDArray b, INDArray measure) {
            return switch (spec.statistic().scale()) {
                case INVERSE, INVERSE_ROOT -> b;
                case INVERSE_FLOORED_ROOT -> new Floor(measure, spec.eps()).zeroBelow(b);
            };
        }

        /** Sums over all elements that share a parameter. ND4J reads an empty list of axes as all of them. */
        private INDArray summed(INDArray values) {
            int[] axes = groups.affineSummed();
            return axes.length == 0 ? values : values.sum(true, axes);
        }

        private INDArray split(INDArray array) {
            return Reshape.of(wide(array), groups.splitShape());
        }

        private INDArray statistic(INDArray array) {
            return Reshape.of(wide(array), groups.statisticBroadcast());
        }

        private @Nullable INDArray parameter(@Nullable INDArray array) {
            return array == null ? null : Reshape.of(wide(array), groups.parameterBroadcast());
        }

        private static INDArray wide(INDArray array) {
            return array.castTo(DataType.DOUBLE);
        }

        private static void assign(GroupStatistics to, GroupStatistics from) {
            assign(to.center(), from.center());
            assign(to.centerResidual(), from.centerResidual());
            assign(to.measure(), from.measure());
            assign(to.scale(), from.scale());
        }

        private static void assign(@Nullable INDArray to, @Nullable INDArray from) {
            if (to != null && from != null) {
                to.assign(from.reshape('c', to.shape()));
            }
        }
    }
}
