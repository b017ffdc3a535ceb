package io.github.dl4jnorm.engine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
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
    public void standardize(
            NormAxes axes, INDArray x, INDArray gamma, INDArray beta, double eps, INDArray y, Stats stats) {
        int[] reduced = axes.reduced();
        INDArray wide = wide(x);
        INDArray mean = wide.mean(true, reduced);
        INDArray centred = wide.sub(mean);
        // The corrected two-pass algorithm (Chan, Golub, LeVeque 1983): what the rounding of the first mean left over.
        INDArray residual = centred.mean(true, reduced);
        centred = centred.sub(residual);
        mean = mean.add(residual);
        INDArray variance = centred.mul(centred).mean(true, reduced);
        INDArray invStd = Transforms.pow(variance.add(eps), -0.5, false);

        y.assign(affine(axes, centred.mul(invStd), gamma, beta));
        assignReshaped(stats.mean(), mean);
        assignReshaped(stats.variance(), variance);
        assignReshaped(stats.invStd(), invStd);
    }

    @Override
    public void standardizeBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            INDArray gamma,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta) {
        int[] reduced = axes.reduced();
        INDArray dyWide = wide(dy);
        INDArray xHat = xHat(axes, x, stats);
        INDArray g = affine(axes, dyWide, gamma, null);
        INDArray meanG = g.mean(true, reduced);
        INDArray meanGxHat = g.mul(xHat).mean(true, reduced);
        INDArray through = g.sub(meanG).sub(xHat.mul(meanGxHat));
        dx.assign(through.mul(axes.broadcastStats(stats.invStd())));
        affineGradients(axes, xHat, dyWide, dGamma, dBeta);
    }

    @Override
    public void applyStats(NormAxes axes, INDArray x, INDArray gamma, INDArray beta, Stats stats, INDArray y) {
        y.assign(affine(axes, xHat(axes, x, stats), gamma, beta));
    }

    @Override
    public void applyStatsBackward(
            NormAxes axes,
            INDArray x,
            INDArray dy,
            INDArray gamma,
            Stats stats,
            INDArray dx,
            INDArray dGamma,
            INDArray dBeta) {
        INDArray dyWide = wide(dy);
        dx.assign(affine(axes, dyWide, gamma, null).mul(axes.broadcastStats(stats.invStd())));
        if (dGamma != null || dBeta != null) {
            affineGradients(axes, xHat(axes, x, stats), dyWide, dGamma, dBeta);
        }
    }

    @Override
    public void divideBySum(NormAxes axes, INDArray x, double eps, INDArray y, INDArray sum) {
        INDArray wide = wide(x);
        INDArray s = wide.sum(true, axes.reduced()).add(eps);
        y.assign(wide.div(s));
        assignReshaped(sum, s);
    }

    @Override
    public void divideBySumBackward(NormAxes axes, INDArray x, INDArray dy, INDArray sum, INDArray dx) {
        INDArray s = axes.broadcastStats(sum);
        INDArray dyWide = wide(dy);
        INDArray y = wide(x).div(s);
        INDArray dot = dyWide.mul(y).sum(true, axes.reduced());
        dx.assign(dyWide.sub(dot).div(s));
    }

    private static INDArray xHat(NormAxes axes, INDArray x, Stats stats) {
        return wide(x).sub(axes.broadcastStats(stats.mean())).mul(axes.broadcastStats(stats.invStd()));
    }

    /** γ·values + β. */
    private static INDArray affine(NormAxes axes, INDArray values, INDArray gamma, INDArray beta) {
        INDArray scaled = gamma == null ? values : values.mul(axes.broadcastAffine(wide(gamma)));
        return beta == null ? scaled : scaled.add(axes.broadcastAffine(wide(beta)));
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

    /** Half types are computed in float. */
    private static INDArray wide(INDArray array) {
        DataType type = Stats.typeFor(array.dataType());
        return array.dataType() == type ? array : array.castTo(type);
    }
}
