package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.testing.Differences;
import io.github.dl4jnorm.testing.Doubles;
import java.util.function.DoubleSupplier;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.gradientcheck.GradientCheckUtil.GraphConfig;
import org.deeplearning4j.gradientcheck.GradientCheckUtil.MLNConfig;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Checks gradients of networks against central differences of the score, in double.
 *
 * <p>Scores are near 1 and the step h is 1e-6. So rounding puts an error of some 1e-16/h = 1e-10 into a difference, times
 * the few tens of roundings behind a score; what the difference cuts off, h²/6 times a third derivative, is less. Hence
 * {@link #ABSOLUTE}, and a relative error beyond {@link #RELATIVE} only counts above it.
 */
final class Gradients {
    static final double RELATIVE = 1e-5;
    static final double ABSOLUTE = 2e-8;

    private static final String WRONG = "GradientCheckUtil found a wrong parameter gradient";

    private Gradients() {}

    /**
     * Asserts the gradient of every parameter, and of every feature where one can get at it: there is no such check in
     * DL4J, and in graphs it only shows in the gradients of the parameters below.
     */
    static void assertAll(Model net, DataSet data) {
        if (net instanceof MultiLayerNetwork network) {
            assertParameterGradients(network, data);
            assertInputGradient(network, data);
        } else {
            assertParameterGradients((ComputationGraph) net, data);
        }
    }

    private static void assertParameterGradients(MultiLayerNetwork net, DataSet data) {
        assertTrue(
                GradientCheckUtil.checkGradients(new MLNConfig()
                        .net(net)
                        .input(data.getFeatures())
                        .labels(data.getLabels())
                        .inputMask(data.getFeaturesMaskArray())
                        .labelMask(data.getLabelsMaskArray())
                        .maxRelError(RELATIVE)
                        .minAbsoluteError(ABSOLUTE)),
                WRONG);
    }

    private static void assertParameterGradients(ComputationGraph net, DataSet data) {
        assertTrue(
                GradientCheckUtil.checkGradients(new GraphConfig()
                        .net(net)
                        .inputs(new INDArray[] {data.getFeatures()})
                        .labels(new INDArray[] {data.getLabels()})
                        .inputMask(Networks.orNull(data.getFeaturesMaskArray()))
                        .labelMask(Networks.orNull(data.getLabelsMaskArray()))
                        .maxRelError(RELATIVE)
                        .minAbsoluteError(ABSOLUTE)),
                WRONG);
    }

    /** Asserts the gradient of every feature. */
    static void assertInputGradient(MultiLayerNetwork net, DataSet data) {
        // Of the sum over the examples, where the score is the mean over them.
        INDArray gradient = net.calculateGradients(
                        data.getFeatures(), data.getLabels(), data.getFeaturesMaskArray(), data.getLabelsMaskArray())
                .getSecond();
        double[] actual = Doubles.of(gradient);
        double[] numerical = Differences.gradient(x -> data.numExamples() * net.score(data, true), data.getFeatures());
        assertClose("input gradient", numerical, actual);
    }

    /** Asserts that values computed from the score are those of central differences. */
    static void assertClose(String what, double[] numerical, double[] actual) {
        assertEquals(numerical.length, actual.length, what);
        for (int i = 0; i < actual.length; i++) {
            double error = Math.abs(actual[i] - numerical[i]);
            // Written so that NaN fails.
            boolean close = error <= ABSOLUTE || error <= RELATIVE * (Math.abs(actual[i]) + Math.abs(numerical[i]));
            assertTrue(close, what + "[" + i + "]: numerically " + numerical[i] + ", got " + actual[i]);
        }
    }

    /** Central differences of a score with respect to an array that it reads, such as a network's parameters. */
    static double[] numerical(DoubleSupplier score, INDArray array) {
        return Differences.gradient(x -> score.getAsDouble(), array);
    }
}
