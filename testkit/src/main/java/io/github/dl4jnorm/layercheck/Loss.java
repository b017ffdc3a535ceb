package io.github.dl4jnorm.layercheck;

import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * L = Σ w⊙y, whose gradient with respect to y is w, as a function of what the layer reads. Where w is 0, y is not read:
 * it may be −∞ or NaN, as the maximum or mean of nothing is.
 */
final class Loss {
    private final LayerHarness bench;
    private final INDArray x;
    private final boolean training;
    private final double[] weights;

    /**
     * A loss.
     *
     * @param bench the layer
     * @param x its input, read anew by each evaluation
     * @param training the mode
     * @param weights w
     */
    Loss(LayerHarness bench, INDArray x, boolean training, INDArray weights) {
        this.bench = bench;
        this.x = x;
        this.training = training;
        this.weights = Comparisons.of(weights);
    }

    /** L. */
    double value() {
        return sum(term -> term);
    }

    /** Σ |w⊙y|, which bounds the rounding error of L. */
    double magnitude() {
        return sum(Math::abs);
    }

    private double sum(DoubleUnaryOperator ofTerm) {
        double[] y = output();
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] != 0) {
                sum += ofTerm.applyAsDouble(weights[i] * y[i]);
            }
        }
        return sum;
    }

    private double[] output() {
        return Comparisons.of(bench.forward(x.dup('c'), training));
    }
}
