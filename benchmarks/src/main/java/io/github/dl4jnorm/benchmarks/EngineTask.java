package io.github.dl4jnorm.benchmarks;

import io.github.dl4jnorm.engine.AffineParameters;
import io.github.dl4jnorm.engine.GroupStatistics;
import io.github.dl4jnorm.engine.NormEngine;
import io.github.dl4jnorm.engine.NormGradients;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One of our engines, with outputs that are reused. */
final class EngineTask implements Task {
    private final NormEngine engine;
    private final NormSpec spec;
    private final INDArray x;
    private final INDArray dy;
    private final INDArray y;
    private final AffineParameters affine;
    private final GroupStatistics statistics;
    private final NormGradients gradients;

    EngineTask(Workload workload, NormEngine engine) {
        this.engine = engine;
        spec = workload.spec();
        x = Task.input(workload);
        dy = Task.gradient(workload);
        y = x.like();
        Groups groups = spec.on(workload.name(), x.shape());
        statistics = GroupStatistics.allocate(spec, groups, DataType.FLOAT);
        if (workload.kind() == Workload.Kind.SUM) {
            affine = AffineParameters.none();
            gradients = new NormGradients(x.like(), null, null);
        } else {
            INDArray gamma = Nd4j.ones(DataType.FLOAT, groups.parameterShape());
            affine = new AffineParameters(gamma, gamma.like());
            gradients = new NormGradients(x.like(), gamma.like(), gamma.like());
        }
    }

    @Override
    public void forward() {
        engine.forward(spec, x, affine, statistics, y);
    }

    @Override
    public void backward() {
        engine.backward(spec, x, dy, affine, statistics, gradients);
    }
}
