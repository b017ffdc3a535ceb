package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of a layer at one input, beside finite differences of the loss.
 *
 * @param subject the layer
 * @param bench what runs it
 * @param x the input
 * @param training whether the forward pass is that of training
 * @param weights what the loss multiplies the output with
 */
record GradientsAt(LayerUnderTest subject, LayerHarness bench, INDArray x, boolean training, INDArray weights) {

    static GradientsAt of(LayerUnderTest subject, LayerHarness bench, INDArray x, boolean training) {
        INDArray weights = subject.epsilon(bench.forward(x.dup('c'), training).shape());
        return new GradientsAt(subject, bench, x, training, weights);
    }

    /** The same with a loss that reads the output where an array is 1, and not where it is 0. */
    GradientsAt where(INDArray visible) {
        return new GradientsAt(subject, bench, x, training, weights.mul(visible));
    }

    /** Views of the parameters that are trained, by name. */
    static Map<String, INDArray> trained(LayerUnderTest subject, LayerHarness bench) {
        Map<String, INDArray> trained = new LinkedHashMap<>(bench.parameters());
        trained.keySet().removeIf(name -> subject.isFrozen() || bench.isStatistic(name));
        return trained;
    }

    /** Compares the gradients of all trained parameters. */
    LayerResults compareParameters(FiniteDifferences differences) {
        Loss loss = new Loss(bench, x, training, weights);
        LayerResults pass = bench.pass(x, weights, training);
        trained(subject, bench).forEach((name, parameter) -> {
            INDArray gradient = pass.gradients().get(name);
            if (gradient == null) {
                throw new CheckFailure("no gradient of " + name);
            }
            differences.compare(name, gradient, parameter, loss, subject.seed());
        });
        return pass;
    }

    /** Compares the gradient of the input, if the layer gives one. */
    void compareInput(FiniteDifferences differences) {
        LayerResults pass = bench.pass(x, weights, training);
        if (pass.dx() != null) {
            INDArray dx = pass.dx().dup();
            INDArray at = x.dup('c');
            differences.compare("input", dx, at, new Loss(bench, at, training, weights), subject.seed());
        }
    }
}
