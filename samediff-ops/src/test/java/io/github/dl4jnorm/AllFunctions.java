package io.github.dl4jnorm;

import java.util.ArrayList;
import java.util.List;
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
        NDNorm.Standardized batch = norm.batchNorm(x, gamma, beta, eps, axis);
        NDNorm.Gradients batchGradients = norm.batchNormBackward(x, dy, gamma, batch.stats(), axis);
        INDArray inference = norm.batchNormInference(x, mean, variance, gamma, beta, eps, axis);
        NDNorm.InferenceGradients inferenceGradients =
                norm.batchNormInferenceBackward(x, dy, mean, variance, gamma, eps, axis);
        NDNorm.Standardized layer = norm.layerNorm(x, gamma, beta, eps, axis);
        NDNorm.Gradients layerGradients = norm.layerNormBackward(x, dy, gamma, layer.stats(), axis);
        NDNorm.SumNormalized sum = norm.sumNorm(x, 0, axis);
        INDArray sumDx = norm.sumNormBackward(x, dy, sum.sum(), axis);
        return List.of(
                new Result("batchNorm", List.of(batch.y(), batch.mean(), batch.variance(), batch.invStd())),
                new Result(
                        "batchNormBackward",
                        List.of(batchGradients.dx(), batchGradients.dGamma(), batchGradients.dBeta())),
                new Result("batchNormInference", List.of(inference)),
                new Result(
                        "batchNormInferenceBackward",
                        List.of(
                                inferenceGradients.dx(),
                                inferenceGradients.dGamma(),
                                inferenceGradients.dBeta(),
                                inferenceGradients.dMean(),
                                inferenceGradients.dVariance())),
                new Result("layerNorm", List.of(layer.y(), layer.mean(), layer.variance(), layer.invStd())),
                new Result(
                        "layerNormBackward",
                        List.of(layerGradients.dx(), layerGradients.dGamma(), layerGradients.dBeta())),
                new Result("sumNorm", List.of(sum.y(), sum.sum())),
                new Result("sumNormBackward", List.of(sumDx)));
    }
}
