package io.github.dl4jnorm;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Every function of {@link NDNorm} called once on the same arrays, for what must hold of all of them.
 *
 * @param x input of rank 2 or more, no sums of zero
 * @param dy gradient of the output
 * @param gamma a parameter, or null
 * @param beta a parameter, or null
 * @param mean given means
 * @param variance given variances
 * @param eps ε
 * @param axis the channel axis, and the normalized one
 */
record AllFunctions(
        INDArray x,
        INDArray dy,
        INDArray gamma,
        INDArray beta,
        INDArray mean,
        INDArray variance,
        double eps,
        int axis) {

    /** One function's results. */
    record Result(String function, List<INDArray> arrays) {}

    List<INDArray> inputs() {
        List<INDArray> inputs = new ArrayList<>(List.of(x, dy, mean, variance));
        if (gamma != null) {
            inputs.add(gamma);
        }
        if (beta != null) {
            inputs.add(beta);
        }
        return inputs;
    }

    List<Result> call() {
        NDNorm norm = new NDNorm();
        List<Result> results = new ArrayList<>();
        add(results, "batchNorm", norm.batchNorm(x, gamma, beta, eps, axis));
        Normalized inference = norm.batchNormInference(x, mean, variance, gamma, beta, eps, axis);
        results.add(new Result("batchNormInference", List.of(inference.y(), inference.scale())));
        addGradients(results, "batchNormInference", inference.backward(dy));
        add(results, "layerNorm", norm.layerNorm(x, gamma, beta, eps, axis));
        add(results, "rmsNorm", norm.rmsNorm(x, gamma, eps, axis));
        add(results, "sumNorm", norm.sumNorm(x, 0, axis));
        add(results, "unitNorm", norm.unitNorm(x, eps, axis));
        NormSpec relu = NormSpec.rmsNorm(eps, axis).withUnitOffset(true).with(FusedActivation.RELU);
        add(results, "normalize", norm.normalize(relu, x, gamma, beta));
        if (!isAxis(0)) {
            add(results, "groupNorm", norm.groupNorm(x, 1, gamma, beta, eps, axis));
        }
        if (!isAxis(0) && x.rank() > 2) {
            add(results, "instanceNorm", norm.instanceNorm(x, gamma, beta, eps, axis));
        }
        return results;
    }

    private boolean isAxis(int other) {
        return axis == other || axis + x.rank() == other;
    }

    private void add(List<Result> results, String function, Normalized normalized) {
        List<INDArray> arrays = new ArrayList<>(List.of(normalized.y(), normalized.measure(), normalized.scale()));
        if (normalized.mean() != null) {
            arrays.add(normalized.mean());
        }
        results.add(new Result(function, arrays));
        addGradients(results, function, normalized.backward(dy));
    }

    private static void addGradients(List<Result> results, String function, NormGradients gradients) {
        results.add(new Result(
                "backward of " + function,
                Stream.of(
                                gradients.dx(),
                                gradients.dGamma(),
                                gradients.dBeta(),
                                gradients.dMean(),
                                gradients.dVariance())
                        .filter(Objects::nonNull)
                        .toList()));
    }
}
