package io.github.dl4jnorm.benchmarks.kernel;

import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** native_batch_norm, which updates running statistics too, and its backward kernel. */
final class TorchBatchNorm extends TorchKernels {
    private static final double MOMENTUM = 0.1;

    private final TensorOptional runningMean = new TensorOptional(torch.zeros(workload.axisSize()));
    private final TensorOptional runningVariance = new TensorOptional(torch.ones(workload.axisSize()));

    TorchBatchNorm(Problem problem) {
        super(problem);
    }

    @Override
    T_TensorTensorTensor_T computeForward() {
        return torch.native_batch_norm(
                x, optionalGamma, optionalBeta, runningMean, runningVariance, true, MOMENTUM, Kind.EPS);
    }

    @Override
    T_TensorTensorTensor_T computeBackward(Tensor mean, Tensor inverseDeviation) {
        try (TensorOptional m = new TensorOptional(mean);
                TensorOptional r = new TensorOptional(inverseDeviation)) {
            return torch.native_batch_norm_backward(dy, x, optionalGamma, NONE, NONE, m, r, true, Kind.EPS, ALL);
        }
    }
}
