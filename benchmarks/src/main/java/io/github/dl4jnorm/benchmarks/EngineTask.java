package io.github.dl4jnorm.benchmarks;

import io.github.dl4jnorm.engine.AffineActivation;
import io.github.dl4jnorm.engine.NormAxes;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.Stats;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One of our engines, with outputs that are reused. */
final class EngineTask implements Task {
    private static final double EPS = 1e-5;

    private final NormEngine engine;
    private final boolean sum;
    private final NormAxes axes;
    private final INDArray x;
    private final INDArray dy;
    private final INDArray y;
    private final INDArray dx;
    private final AffineActivation affine;
    private final INDArray dGamma;
    private final INDArray dBeta;
    private final Stats stats;

    EngineTask(Workload workload, NormEngine engine) {
        this.engine = engine;
        sum = workload.kind() == Workload.Kind.SUM;
        axes = workload.axes();
        x = Task.input(workload);
        dy = Task.gradient(workload);
        y = x.like();
        dx = x.like();
        INDArray gamma = Nd4j.ones(DataType.FLOAT, axes.affineShape());
        affine = new AffineActivation(gamma, gamma.like());
        dGamma = gamma.like();
        dBeta = gamma.like();
        stats = Stats.allocate(axes, DataType.FLOAT);
    }

    @Override
    public void forward() {
        if (sum) {
            engine.divideBySum(axes, x, 0, y, stats.mean());
        } else {
            engine.standardize(axes, x, affine, EPS, y, stats);
        }
    }

    @Override
    public void backward() {
        if (sum) {
            engine.divideBySumBackward(axes, x, dy, stats.mean(), dx);
        } else {
            engine.standardizeBackward(axes, x, dy, affine, stats, dx, dGamma, dBeta);
        }
    }
}
