package io.github.dl4jnorm.benchmarks.kernel;

import java.util.Optional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** x/Σx, for which PyTorch has no function, of its array operations; the gradient as a user would write it. */
final class TorchSumNorm extends TorchTask {
    private static final ScalarTypeOptional SAME_TYPE = new ScalarTypeOptional();

    private final long[] axis = {workload.axis()};
    private Tensor y;
    private Tensor sum;
    private Tensor dx;

    TorchSumNorm(Problem problem) {
        super(problem);
    }

    @Override
    void forward() {
        free(y, sum);
        sum = x.sum(axis, true, SAME_TYPE);
        y = x.div(sum);
    }

    @Override
    void backward() {
        free(dx);
        try (Tensor product = dy.mul(y);
                Tensor dot = product.sum(axis, true, SAME_TYPE);
                Tensor difference = dy.sub(dot)) {
            dx = difference.div(sum);
        }
    }

    @Override
    Optional<Results> results() {
        return results(y, dx);
    }

    @Override
    public void close() {
        free(y, sum, dx);
        super.close();
    }
}
