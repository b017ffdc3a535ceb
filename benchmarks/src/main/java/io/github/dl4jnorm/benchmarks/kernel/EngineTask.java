package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.internal.engine.AffineParameters;
import io.github.dl4jnorm.internal.engine.EngineChoice;
import io.github.dl4jnorm.internal.engine.Gradients;
import io.github.dl4jnorm.internal.engine.GroupStatistics;
import io.github.dl4jnorm.internal.engine.NormEngine;
import io.github.dl4jnorm.spec.Groups;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The engine that this process was told to use, with outputs that are reused. */
final class EngineTask extends KernelTask {
    private final NormEngine engine = EngineChoice.current();
    private final NormSpec spec;
    private final INDArray x;
    private final INDArray dy;
    private final INDArray y;
    private final AffineParameters affine;
    private final GroupStatistics statistics;
    private final Gradients gradients;

    EngineTask(Problem problem) {
        super(problem);
        Workload workload = problem.workload();
        spec = spec(workload);
        x = Nd4jArrays.array(problem.x(), workload.shape());
        dy = Nd4jArrays.array(problem.dy(), workload.shape());
        y = x.like();
        Groups groups = spec.on(workload.name(), x.shape());
        statistics = GroupStatistics.allocate(spec, groups, DataType.FLOAT);
        INDArray gamma = workload.isAffine() ? Nd4jArrays.array(problem.gamma(), groups.parameterShape()) : null;
        INDArray beta = workload.kind().hasShift() ? Nd4jArrays.array(problem.beta(), groups.parameterShape()) : null;
        affine = new AffineParameters(gamma, beta);
        gradients = new Gradients(x.like(), like(gamma), like(beta));
    }

    private static INDArray like(INDArray array) {
        return array == null ? null : array.like();
    }

    private static NormSpec spec(Workload workload) {
        int axis = workload.axis();
        return switch (workload.kind()) {
            case BATCH -> NormSpec.batchNorm(Kind.EPS, axis);
            case LAYER -> NormSpec.layerNorm(Kind.EPS, axis);
            case GROUP -> NormSpec.groupNorm(Kind.GROUPS, Kind.EPS, axis);
            case INSTANCE -> NormSpec.instanceNorm(Kind.EPS, axis);
            case RMS -> NormSpec.rmsNorm(Kind.EPS, axis);
            case SUM -> NormSpec.sumNorm(0, axis);
        };
    }

    @Override
    void forward() {
        engine.forward(spec, x, affine, statistics, y);
    }

    @Override
    void backward() {
        engine.backward(spec, x, dy, affine, statistics, gradients);
    }

    @Override
    Optional<Results> results() {
        return Optional.of(new Results(
                Nd4jArrays.floats(y),
                Nd4jArrays.floats(gradients.dx()),
                Nd4jArrays.floats(gradients.dGamma()),
                Nd4jArrays.floats(gradients.dBeta())));
    }

    @Override
    public void close() {
        Nd4jArrays.free(x, dy, y, gradients.dx());
    }
}
