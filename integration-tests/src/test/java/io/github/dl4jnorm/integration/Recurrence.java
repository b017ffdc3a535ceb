package io.github.dl4jnorm.integration;

import io.github.dl4jnorm.spec.NormSpec;
import io.github.dl4jnorm.testing.Doubles;
import io.github.dl4jnorm.testing.Reference;
import io.github.dl4jnorm.testing.Tolerances;
import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the running statistics must be: running ← decay·running + (1 − decay)·batch, in plain doubles. */
final class Recurrence {
    private final double decay;
    private final double[] mean;
    private final double[] variance;

    /** Terms of the longest sum: those of a batch, and one for each step. */
    private long terms;

    /** Starts as the layer does: mean 0, variance 1. */
    Recurrence(double decay, int channels) {
        this.decay = decay;
        mean = new double[channels];
        variance = Doubles.filled(1, channels);
    }

    /** Starts at the statistics of a batch instead. */
    void startAt(int channelAxis, INDArray batch) {
        Recurrence forgetful = new Recurrence(0, mean.length);
        forgetful.step(channelAxis, batch);
        System.arraycopy(forgetful.mean, 0, mean, 0, mean.length);
        System.arraycopy(forgetful.variance, 0, variance, 0, mean.length);
    }

    /** A parameter step on batches at the same time, one per worker, whose statistics are averaged. */
    void step(int channelAxis, INDArray... batches) {
        double[] means = new double[mean.length];
        double[] variances = new double[mean.length];
        long values = 0;
        for (INDArray batch : batches) {
            values += batch.length() / mean.length;
            NormSpec spec = NormSpec.batchNorm(1, channelAxis);
            Reference.Forward statistics = Reference.forward(spec, batch.shape(), Doubles.of(batch), null, null);
            for (int c = 0; c < means.length; c++) {
                means[c] += statistics.center().values()[c] / batches.length;
                variances[c] += statistics.measure().values()[c] / batches.length;
            }
        }
        terms = Math.max(terms, values) + 1;
        for (int c = 0; c < means.length; c++) {
            mean[c] = decay * mean[c] + (1 - decay) * means[c];
            variance[c] = decay * variance[c] + (1 - decay) * variances[c];
        }
    }

    /** Asserts that a layer in double has these statistics. */
    void assertIn(Layer layer) {
        assertClose("running mean", mean, layer.getParam("mean"));
        assertClose("running variance", variance, layer.getParam("var"));
    }

    private void assertClose(String what, double[] expected, INDArray actual) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        double bound = Tolerances.bound(DataType.DOUBLE, terms, largest, Math.max(1, largest));
        Tolerances.assertClose(what, expected, Doubles.of(actual), bound);
    }
}
