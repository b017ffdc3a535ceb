package io.github.dl4jnorm.benchmarks.kernel;

import java.util.Optional;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** A normalization for which PyTorch has a forward and a backward kernel, called directly. */
abstract class TorchKernels extends TorchTask {
    /** All gradients are wanted. */
    static final BoolPointer ALL = new BoolPointer(3).put(0, true).put(1, true).put(2, true);

    static final TensorOptional NONE = new TensorOptional();

    final TensorOptional optionalGamma = new TensorOptional(gamma);
    final TensorOptional optionalBeta = new TensorOptional(beta);
    private T_TensorTensorTensor_T outputs;
    private Tensor mean;
    private Tensor inverseDeviation;
    private T_TensorTensorTensor_T gradients;

    TorchKernels(Problem problem) {
        super(problem);
    }

    /** y, mean and 1/σ. */
    abstract T_TensorTensorTensor_T computeForward();

    /** dx, dγ and dβ. */
    abstract T_TensorTensorTensor_T computeBackward(Tensor mean, Tensor inverseDeviation);

    @Override
    final void forward() {
        free(outputs, mean, inverseDeviation);
        outputs = computeForward();
        mean = outputs.get1();
        inverseDeviation = outputs.get2();
    }

    @Override
    final void backward() {
        free(gradients);
        gradients = computeBackward(mean, inverseDeviation);
    }

    @Override
    final Optional<Results> results() {
        return results(outputs.get0(), gradients.get0(), gradients.get1(), gradients.get2());
    }

    @Override
    public final void close() {
        free(outputs, mean, inverseDeviation, gradients, optionalGamma, optionalBeta);
        super.close();
    }
}
