package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What can be said of a forward pass, in training and in inference. */
final class Activations {
    private static final boolean[] MODES = {true, false};

    private Activations() {}

    static String mode(boolean training) {
        return training ? "training" : "inference";
    }

    static String type(LayerUnderTest subject) {
        long[] announced = LayerUnderTest.shape(subject.outputType(), subject.batch());
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        for (boolean training : MODES) {
            INDArray y = bench.forward(subject.input(subject.batch(), 0), training);
            requireAllExamples(announced, y);
            if (!fits(announced, y.shape())) {
                throw new CheckFailure("in " + mode(training) + ": announced " + Arrays.toString(announced) + ", got "
                        + Arrays.toString(y.shape()));
            }
            Comparisons.finite("output in " + mode(training), y);
        }
        return Arrays.toString(announced);
    }

    /** Skips a layer that makes several examples of one, such as space to batch: no type says how many. */
    private static void requireAllExamples(long[] announced, INDArray y) {
        long[] shape = y.shape().clone();
        long examples = shape[0];
        shape[0] = announced[0];
        if (examples > announced[0] && examples % announced[0] == 0 && fits(announced, shape)) {
            throw new Inapplicable("the layer makes " + examples + " examples of " + announced[0]);
        }
    }

    /** Sizes that are not known are announced as −1 or 0. */
    static boolean fits(long[] announced, long[] shape) {
        if (announced.length != shape.length) {
            return false;
        }
        for (int axis = 0; axis < shape.length; axis++) {
            if (announced[axis] > 0 && announced[axis] != shape[axis]) {
                return false;
            }
        }
        return true;
    }

    static String determinism(LayerUnderTest subject) {
        INDArray x = subject.input(subject.batch(), 0);
        for (boolean training : MODES) {
            LayerHarness bench = subject.bench(DataType.DOUBLE);
            LayerResults first = pass(subject, bench, x, training);
            String when = "in " + mode(training);
            Comparisons.close(when + ", again", first, pass(subject, bench, x, training), 0);
            LayerHarness another = subject.bench(DataType.DOUBLE);
            Comparisons.close(when + ", in another network", first, pass(subject, another, x, training), 0);
        }
        return subject.isRandom() ? "random in training, and repeatable" : "";
    }

    /**
     * A forward pass, and in training a backward pass with the weights of the loss. A layer may refuse to go back after
     * inference; whether it goes back rightly is checked elsewhere.
     */
    static LayerResults pass(LayerUnderTest subject, LayerHarness bench, INDArray x, boolean training) {
        INDArray y = bench.forward(x.dup('c'), training).dup();
        return training ? bench.backward(y, subject.epsilon(y.shape())) : LayerResults.forward(y);
    }

    static String untouched(LayerUnderTest subject) {
        for (boolean training : MODES) {
            LayerHarness bench = subject.bench(DataType.DOUBLE);
            INDArray parameters = bench.flatParameters();
            INDArray before = parameters == null ? null : parameters.dup();
            INDArray x = subject.input(subject.batch(), 0);
            INDArray given = x.dup('c');
            INDArray y = bench.forward(given, training);
            Comparisons.same("input after the forward pass in " + mode(training), x, given);
            Comparisons.same("parameters after the forward pass in " + mode(training), before, parameters);
            if (training) {
                bench.backward(y, subject.epsilon(y.shape()));
                Comparisons.same("input after the backward pass", x, given);
                Comparisons.same("parameters after the backward pass", before, parameters);
            }
        }
        return "";
    }
}
