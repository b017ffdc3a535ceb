package io.github.dl4jnorm.benchmarks.kernel;

import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** native_group_norm and its backward kernel. */
final class TorchGroupNorm extends TorchKernels {
    private final long examples = workload.size(0);
    private final long channels = workload.axisSize();
    private final long places = workload.axisStride();

    TorchGroupNorm(Problem problem) {
        super(problem);
    }

    @Override
    T_TensorTensorTensor_T computeForward() {
        return torch.native_group_norm(
                x, optionalGamma, optionalBeta, examples, channels, places, Kind.GROUPS, Kind.EPS);
    }

    @Override
    T_TensorTensorTensor_T computeBackward(Tensor mean, Tensor inverseDeviation) {
        return torch.native_group_norm_backward(
                dy, x, mean, inverseDeviation, optionalGamma, examples, channels, places, Kind.GROUPS, ALL);
    }
}
