package io.github.dl4jnorm.benchmarks.kernel;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.LayerNorm;
import org.nd4j.linalg.api.ops.impl.transforms.custom.LayerNormBp;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's native layer_norm and layer_norm_bp, with outputs that are reused. */
final class Nd4jLayerNormTask extends KernelTask {
    private final INDArray x;
    private final INDArray dy;
    private final INDArray y;
    private final INDArray dx;
    private final INDArray gain;
    private final INDArray bias;
    private final INDArray dGain;
    private final INDArray dBias;
    private final int axis;

    Nd4jLayerNormTask(Problem problem) {
        super(problem);
        Workload workload = problem.workload();
        x = Nd4jArrays.array(problem.x(), workload.shape());
        dy = Nd4jArrays.array(problem.dy(), workload.shape());
        y = x.like();
        dx = x.like();
        axis = workload.axis();
        gain = Nd4jArrays.array(problem.gamma(), problem.gamma().length);
        bias = Nd4jArrays.array(problem.beta(), problem.beta().length);
        dGain = gain.like();
        dBias = gain.like();
    }

    @Override
    void forward() {
        Nd4j.exec(new LayerNorm(x, gain, bias, y, true, axis));
    }

    @Override
    void backward() {
        Nd4j.exec(new LayerNormBp(x, gain, bias, dy, dx, dGain, dBias, true, axis));
    }

    @Override
    Optional<Results> results() {
        return Optional.of(new Results(
                Nd4jArrays.floats(y), Nd4jArrays.floats(dx), Nd4jArrays.floats(dGain), Nd4jArrays.floats(dBias)));
    }

    @Override
    public void close() {
        Nd4jArrays.free(x, dy, y, dx);
    }
}
