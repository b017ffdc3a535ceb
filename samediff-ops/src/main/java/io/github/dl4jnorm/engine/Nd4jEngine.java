package io.github.dl4jnorm.engine;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.controlflow.Select;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The engine made of ND4J array operations only: it runs on every backend, CUDA included, and is the second opinion on
 * the others. Each operation is a pass over memory, so it is portable rather than fast.
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
    public void standardize(NormAxes axes, INDArray x, AffineActivation affine, double eps, INDArray y, Stats stats) {
        int[] reduced = axes.reduced();
        INDArray wide = Stats.wide(x);
        INDArray first = wide.mean(true, reduced);
        // The corrected two-pass algorithm (Chan, Golub, LeVeque 1983): what the rounding of the first mean left over.
        INDArray residual = wide.sub(first).mean(true, reduced);
        INDArray mean = first.add(residual);
        INDArray rest = residual.sub(mean.sub(first));
        INDArray centred = wide.sub(mean).subi(rest);
        INDArray variance = centred.mul(centred).mean(true, reduced);
        INDArray invStd = Transforms.pow(variance.add(eps), -0.5, false);

        y.assign(activated(affine, scaled(axes, centred.mul(invStd), affine)));
        assignReshaped(stats.mean(), mean);
        assignReshaped(stats.variance(), variance);
        assignReshaped(stats.invStd(), invStd);
        if (stats.meanRest() != null) {
            assignReshaped(stats.meanRest(), rest);
        }
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
        int[] reduced = axes.reduced();
        INDArray xHat = xHat(axes, x, stats);
        INDArray dyWide = beforeActivation(axes, xHat, dy, affine);
        INDArray g = timesGamma(axes, dyWide, affine);
        INDArray meanG = g.mean(true, reduced);
        INDArray meanGxHat = g.mul(xHat).mean(true, reduced);
        INDArray through = g.sub(meanG).sub(xHat.mul(meanGxHat));
        dx.assign(through.mul(axes.broadcastStats(stats.invStd())));
        affineGradients(axes, xHat, dyWide, dGamma, dBeta);
    }

    @Override
    public void applyStats(NormAxes axes, INDArray x, AffineActivation affine, Stats stats, INDArray y) {
        y.assign(activated(affine, scaled(axes, xHat(axes, x, stats), affine)));
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
        INDArray xHat = affine.activates() || dGamma != null ? xHat(axes, x, stats) : null;
        INDArray dyWide = beforeActivation(axes, xHat, dy, affine);
        dx.assign(timesGamma(axes, dyWide, affine).mul(axes.broadcastStats(stats.invStd())));
        affineGradients(axes, xHat, dyWide, dGamma, dBeta);
    }

    @Override
    public void divideBySum(NormAxes axes, INDArray x, double eps, INDArray y, INDArray sum) {
        INDArray wide = Stats.wide(x);
        INDArray s = wide.sum(true, axes.reduced()).add(eps);
        y.assign(wide.div(s));
        assignReshaped(sum, s);
    }

    @Override
    public void divideBySumBackward(NormAxes axes, INDArray x, INDArray dy, INDArray sum, INDArray dx) {
        INDArray s = axes.broadcastStats(sum);
        INDArray dyWide = Stats.wide(dy);
        INDArray y = Stats.wide(x).div(s);
        INDArray dot = dyWide.mul(y).sum(true, axes.reduced());
        dx.assign(dyWide.sub(dot).div(s));
    }

    private static INDArray xHat(NormAxes axes, INDArray x, Stats stats) {
        INDArray centred = Stats.wide(x).sub(axes.broadcastStats(stats.mean()));
        if (stats.meanRest() != null) {
            centred.subi(axes.broadcastStats(stats.meanRest()));
        }
        return centred.muli(axes.broadcastStats(stats.invStd()));
    }

    /** γ·x̂ + β. */
    private static INDArray scaled(NormAxes axes, INDArray xHat, AffineActivation affine) {
        INDArray beta = Stats.wide(affine.beta());
        INDArray scaled = timesGamma(axes, xHat, affine);
        return beta == null ? scaled : scaled.add(axes.broadcastAffine(beta));
    }

    private static INDArray timesGamma(NormAxes axes, INDArray values, AffineActivation affine) {
        INDArray gamma = Stats.wide(affine.gamma());
        return gamma == null ? values : values.mul(axes.broadcastAffine(gamma));
    }

    private static INDArray activated(AffineActivation affine, INDArray values) {
        return affine.activates() ? Transforms.relu(values) : values;
    }

    /** The gradient of γ·x̂ + β, given that of what the activation made of it. */
    private static INDArray beforeActivation(NormAxes axes, INDArray xHat, INDArray dy, AffineActivation affine) {
        INDArray wide = Stats.wide(dy);
        if (!affine.activates()) {
            return wide;
        }
        INDArray positive = scaled(axes, xHat, affine).gt(0);
        INDArray gradient = wide.ulike();
        Nd4j.exec(new Select(new INDArray[] {positive, wide, wide.like()}, new INDArray[] {gradient}));
        return gradient;
    }

    private static void affineGradients(NormAxes axes, INDArray xHat, INDArray dy, INDArray dGamma, INDArray dBeta) {
        int[] summed = axes.affineSummed();
        if (dGamma != null) {
            assignReshaped(dGamma, sum(dy.mul(xHat), summed));
        }
        if (dBeta != null) {
            assignReshaped(dBeta, sum(dy, summed));
        }
    }

    /** ND4J reads an empty list of axes as all of them. */
    private static INDArray sum(INDArray values, int[] axes) {
        return axes.length == 0 ? values : values.sum(true, axes);
    }

    private static void assignReshaped(INDArray target, INDArray values) {
        target.assign(values.reshape('c', target.shape()));
    }
}
