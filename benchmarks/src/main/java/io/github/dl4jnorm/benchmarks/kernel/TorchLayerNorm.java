package io.github.dl4jnorm.benchmarks.kernel;

import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** native_layer_norm and its backward kernel. */
final class TorchLayerNorm extends TorchKernels {
    private final long[] features = {workload.axisSize()};

    TorchLayerNorm(Problem problem) {
        super(problem);
    }

    @Override
    T_TensorTensorTensor_T computeForward() {
        return torch.native_layer_norm(x, features, optionalGamma, optionalBeta, Kind.EPS);
    }

    @Override
    T_TensorTensorTensor_T computeBackward(Tensor mean, Tensor inverseDeviation) {
        return torch.native_layer_norm_backward(
                dy, x, features, mean, inverseDeviation, optionalGamma, optionalBeta, ALL);
    }
}
