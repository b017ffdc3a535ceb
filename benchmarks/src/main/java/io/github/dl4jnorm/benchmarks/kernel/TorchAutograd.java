package io.github.dl4jnorm.benchmarks.kernel;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Functions that PyTorch composes of others on the CPU: instance_norm, of its BatchNorm, and rms_norm, of arithmetic. The
 * backward pass is autograd's.
 */
final class TorchAutograd extends TorchTask {
    private final long[] features = {workload.axisSize()};
    private final TensorOptional optionalGamma;
    private final TensorOptional optionalBeta;
    private final TensorVector inputs;
    private final TensorVector dys = new TensorVector(dy);
    private Tensor y;
    private TensorVector gradients;

    TorchAutograd(Problem problem) {
        super(problem);
        x.set_requires_grad(true);
        gamma.set_requires_grad(true);
        beta.set_requires_grad(true);
        optionalGamma = new TensorOptional(gamma);
        optionalBeta = new TensorOptional(beta);
        inputs = workload.kind().hasShift() ? new TensorVector(x, gamma, beta) : new TensorVector(x, gamma);
    }

    @Override
    void forward() {
        free(y);
        y = workload.kind() == Kind.RMS
                ? torch.rms_norm(x, features, optionalGamma, new DoubleOptional(Kind.EPS))
                : torch.instance_norm(
                        x, optionalGamma, optionalBeta, TorchKernels.NONE, TorchKernels.NONE, true, 0, Kind.EPS, false);
    }

    @Override
    void backward() {
        free(gradients);
        try (TensorVector outputs = new TensorVector(y);
                BoolOptional keepGraph = new BoolOptional(true)) {
            gradients = torch.grad(outputs, inputs, dys, keepGraph, false, false);
        }
    }

    @Override
    Optional<Results> results() {
        Tensor[] all = gradients.get();
        return results(y.detach(), all[0], Arrays.copyOfRange(all, 1, all.length));
    }

    @Override
    public void close() {
        free(y, gradients, inputs, dys, optionalGamma, optionalBeta);
        super.close();
    }
}
