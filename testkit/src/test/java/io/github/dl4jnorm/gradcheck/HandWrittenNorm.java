package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Differentiable.Forward;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.spec.Statistic;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A normalization as one writes it with array operations, whose dx is a formula to be given: right, or wrong in one way.
 * All arrays of a formula have the rank of x, with one axis more if the channels are split into groups.
 */
final class HandWrittenNorm {
    private final String name;
    private final NormSpec spec;
    private final long[] shape;
    private final boolean withGamma;
    private final Groups groups;

    /** A formula for dx. */
    interface Formula {
        INDArray dx(Pass pass);
    }

    HandWrittenNorm(String name, NormSpec spec, boolean withGamma, long... shape) {
        this.name = name;
        this.spec = spec;
        this.shape = shape;
        this.withGamma = withGamma;
        this.groups = spec.on(name, shape);
    }

    /** What the doctor says about a backward pass with this dx. */
    Diagnosis diagnose(Formula formula) {
        return diagnose(formula, Pass::dGamma);
    }

    /** What the doctor says about a backward pass with this dx and this dγ. */
    Diagnosis diagnose(Formula formula, Formula dGamma) {
        GradientDoctor doctor = GradientDoctor.of(Differentiable.withCache(this::forward, (saved, d) -> {
            Pass pass = new Pass(saved[0], saved.length > 1 ? saved[1] : null, d[0]);
            INDArray dx = formula.dx(pass).reshape(shape);
            return withGamma ? new INDArray[] {dx, dGamma.dx(pass)} : new INDArray[] {dx};
        }));
        return withGamma ? doctor.examineShapes(shape, groups.parameterShape()) : doctor.examineShapes(shape);
    }

    private Forward forward(INDArray... in) {
        Pass pass = new Pass(in[0], withGamma ? in[1] : null, in[0]);
        INDArray y = withGamma ? pass.xHat.mul(pass.gamma) : pass.xHat.dup();
        return Forward.of(y.reshape(shape)).saving(in);
    }

    @Override
    public String toString() {
        return name;
    }

    /** The arrays of one backward pass. */
    final class Pass {
        final INDArray x;
        final INDArray gamma;
        final INDArray dy;
        final INDArray g;
        final INDArray mu;
        final INDArray q;
        final INDArray s;
        final INDArray xHat;
        final double m = groups.groupSize();

        Pass(INDArray x, INDArray gamma, INDArray dy) {
            this.x = x.reshape(groups.splitShape());
            this.gamma = gamma == null ? null : gamma.reshape(groups.parameterBroadcast());
            this.dy = dy.reshape(groups.splitShape());
            this.g = gamma == null ? this.dy : this.dy.mul(this.gamma);
            this.mu = mean(this.x);
            this.q = q(centered());
            this.s = s(regularized(q));
            this.xHat = centered().mul(s);
        }

        private INDArray q(INDArray centered) {
            return switch (spec.statistic().measure()) {
                case SUM_OF_VALUES -> sum(centered);
                case SUM_OF_SQUARES -> sum(centered.mul(centered));
                case MEAN_OF_SQUARES -> mean(centered.mul(centered));
                case GIVEN_VARIANCE -> throw new IllegalStateException("nothing is given here");
            };
        }

        /** x − c. */
        INDArray centered() {
            return spec.statistic().isCentered() ? x.sub(mu) : x;
        }

        private INDArray regularized(INDArray array) {
            return spec.statistic() == Statistic.L2 ? Transforms.max(array, spec.eps(), true) : array.add(spec.eps());
        }

        /** 1/q or 1/√q. */
        INDArray s(INDArray denominator) {
            return spec.statistic().scale() == Statistic.Scale.INVERSE
                    ? denominator.rdiv(1)
                    : Transforms.pow(denominator, -0.5);
        }

        INDArray sum(INDArray array) {
            return array.sum(true, groups.reduced());
        }

        INDArray mean(INDArray array) {
            return array.mean(true, groups.reduced());
        }

        /** s·(g − A − x̂·B) with A and B as they are given, each null for zero. */
        INDArray dx(INDArray a, INDArray b) {
            return dx(a, xHat, b);
        }

        INDArray dx(INDArray a, INDArray hat, INDArray b) {
            INDArray inner = a == null ? g.dup() : g.sub(a);
            return (b == null ? inner : inner.subi(hat.mul(b))).muli(s);
        }

        INDArray dGamma() {
            INDArray summed = groups.affineSummed().length == 0
                    ? dy.mul(xHat)
                    : dy.mul(xHat).sum(groups.affineSummed());
            return summed.reshape(groups.parameterShape());
        }
    }
}
