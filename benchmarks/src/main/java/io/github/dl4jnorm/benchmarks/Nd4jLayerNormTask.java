package io.github.dl4jnorm.benchmarks;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.LayerNorm;
import org.nd4j.linalg.api.ops.impl.transforms.custom.LayerNormBp;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's native layer_norm and layer_norm_bp, with outputs that are reused. */
final class Nd4jLayerNormTask implements Task {
    private final INDArray x;
    private final INDArray dy;
    private final INDArray y;
    private final INDArray dx;
    private final INDArray gain;
    private final INDArray bias;
    private final INDArray dGain;
    private final INDArray dBias;
    private final int axis;

    Nd4jLayerNormTask(Workload workload) {
        x = Task.input(workload);
        dy = Task.gradient(workload);
        y = x.like();
        dx = x.like();
        axis = workload.axis();
        gain = Nd4j.ones(x.dataType(), workload.shape()[axis]);
        bias = gain.like();
        dGain = gain.like();
        dBias = gain.like();
    }

    @Override
    public void forward() {
        Nd4j.exec(new LayerNorm(x, gain, bias, y, true, axis));
    }

    @Override
    public void backward() {
        Nd4j.exec(new LayerNormBp(x, gain, bias, dy, dx, dGain, dBias, true, axis));
    }
}
