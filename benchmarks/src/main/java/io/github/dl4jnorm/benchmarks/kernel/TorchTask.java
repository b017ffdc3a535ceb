package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Task;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** PyTorch on the CPU. Outputs are allocated by PyTorch, from memory that the C library keeps, and freed at once. */
abstract class TorchTask extends KernelTask {
    final Workload workload;
    final Tensor x;
    final Tensor dy;
    final Tensor gamma;
    final Tensor beta;

    TorchTask(Problem problem) {
        super(problem);
        torch.set_num_threads(problem.threads());
        workload = problem.workload();
        x = array(problem.x());
        dy = array(problem.dy());
        gamma = Tensor.create(problem.gamma());
        beta = Tensor.create(problem.beta());
    }

    static Task of(Problem problem) {
        return switch (problem.workload().kind()) {
            case BATCH -> new TorchBatchNorm(problem);
            case LAYER -> new TorchLayerNorm(problem);
            case GROUP -> new TorchGroupNorm(problem);
            case INSTANCE, RMS -> new TorchAutograd(problem);
            case SUM -> new TorchSumNorm(problem);
        };
    }

    /** PyTorch wants channels at axis 1; an array of another layout becomes a view, which is its "channels last". */
    private Tensor array(float[] values) {
        Tensor array = Tensor.create(values, workload.shape());
        int last = workload.shape().length - 1;
        return workload.isChannelsLast()
                ? array.permute(axes(IntStream.concat(IntStream.of(0, last), IntStream.range(1, last))))
                : array;
    }

    private static long[] axes(IntStream axes) {
        return axes.asLongStream().toArray();
    }

    /** The numbers of an array that has the axes of x; null for null. */
    private float[] inOrder(Tensor array) {
        int last = workload.shape().length - 1;
        return workload.isChannelsLast()
                ? floats(array.permute(axes(IntStream.concat(
                        IntStream.of(0), IntStream.concat(IntStream.rangeClosed(2, last), IntStream.of(1))))))
                : floats(array);
    }

    private static float[] floats(Tensor array) {
        float[] values = new float[Math.toIntExact(array.numel())];
        array.contiguous().data_ptr_float().get(values);
        return values;
    }

    /** Results with as many gradients of parameters as there are. */
    final Optional<Results> results(Tensor y, Tensor dx, Tensor... parameterGradients) {
        return Optional.of(new Results(
                inOrder(y),
                inOrder(dx),
                parameterGradients.length > 0 ? floats(parameterGradients[0]) : null,
                parameterGradients.length > 1 ? floats(parameterGradients[1]) : null));
    }

    /** Frees memory at once; null has none. */
    static void free(Pointer... results) {
        for (Pointer result : results) {
            if (result != null) {
                result.close();
            }
        }
    }

    @Override
    public void close() {
        free(x, dy, gamma, beta);
    }
}
