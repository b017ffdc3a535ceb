package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.Arrays;
import java.util.Locale;
import org.deeplearning4j.exception.DL4JException;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Masks in DL4J's shapes: [N, T] for sequences, of which all but the first end early, and one number per example for all
 * else, which hides the last one.
 */
final class Masks {
    private Masks() {}

    static String hide(LayerUnderTest subject) {
        INDArray mask = acceptedMask(subject);
        for (boolean training : new boolean[] {true, false}) {
            hidesNothing(subject, mask, training);
            hides(subject, mask, training);
        }
        return "of shape " + Arrays.toString(mask.shape());
    }

    private static void hidesNothing(LayerUnderTest subject, INDArray mask, boolean training) {
        INDArray x = subject.input(subject.batch(), 0);
        LayerResults plain = Activations.pass(subject, subject.bench(DataType.DOUBLE), x, training);
        LayerHarness masked = subject.bench(DataType.DOUBLE);
        masked.mask(Nd4j.onesLike(mask), subject.batch());
        LayerResults same = Activations.pass(subject, masked, x, training);
        String when = "a mask of ones, in " + Activations.mode(training);
        Comparisons.close(when, plain, same, Comparisons.ROUNDING);
    }

    private static void hides(LayerUnderTest subject, INDArray mask, boolean training) {
        INDArray x = subject.input(subject.batch(), 0);
        INDArray present = spread(mask, x.shape(), subject.arrivingType());
        INDArray others = subject.input(subject.batch(), 1);
        INDArray changed = x.mul(present).add(others.mul(present.rsub(1)));
        LayerResults pass = visiblePass(subject, mask, x, training);
        LayerResults other = visiblePass(subject, mask, changed, training);
        String when = "other values behind the mask, in " + Activations.mode(training);
        Comparisons.close(when + ", visible output", pass.y(), other.y(), Comparisons.ROUNDING);
        pass.gradients()
                .forEach((name, gradient) -> Comparisons.close(
                        when + ", gradient of " + name,
                        gradient,
                        other.gradients().get(name),
                        Comparisons.ROUNDING));
    }

    /** A pass whose loss reads the visible output, and the output with zeros where it is hidden. */
    private static LayerResults visiblePass(LayerUnderTest subject, INDArray mask, INDArray x, boolean training) {
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        INDArray after = bench.mask(mask, subject.batch());
        INDArray y = bench.forward(x.dup('c'), training).dup();
        INDArray visible = visible(subject, mask, after, y);
        LayerResults pass =
                training ? bench.backward(y, subject.epsilon(y.shape()).mul(visible)) : LayerResults.forward(y);
        return new LayerResults(seen(y, visible), pass.dx(), pass.gradients());
    }

    static String gradients(LayerUnderTest subject) {
        subject.requireBackprop();
        INDArray mask = acceptedMask(subject);
        INDArray x = subject.input(subject.batch(), 0);
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        INDArray after = bench.mask(mask, subject.batch());
        INDArray visible = visible(subject, mask, after, bench.forward(x.dup('c'), true));
        FiniteDifferences differences = new FiniteDifferences();
        GradientsAt gradients = GradientsAt.of(subject, bench, x, true).where(visible);
        gradients.compareParameters(differences);
        gradients.compareInput(differences);
        return differences.summary();
    }

    /** A mask, unless the layer refuses it, which does no harm. */
    private static INDArray acceptedMask(LayerUnderTest subject) {
        INDArray mask = mask(subject);
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        bench.forward(subject.input(subject.batch(), 0), true); // works without one
        try {
            bench.mask(mask, subject.batch());
            bench.forward(subject.input(subject.batch(), 0), true);
        } catch (RuntimeException e) {
            if (isRefusal(e)) {
                throw new Inapplicable("the layer refuses the mask: " + e.getMessage());
            }
            throw e;
        }
        return mask;
    }

    /** Whether an exception says that a mask is not taken, and is not one that a mask merely ran into. */
    private static boolean isRefusal(RuntimeException e) {
        boolean ofState = e instanceof IllegalStateException || e instanceof IllegalArgumentException;
        boolean namesMask = e.getMessage() != null
                && e.getMessage().toLowerCase(Locale.ROOT).contains("mask");
        return e instanceof DL4JException || e instanceof UnsupportedOperationException || ofState && namesMask;
    }

    private static INDArray mask(LayerUnderTest subject) {
        InputType type = subject.arrivingType();
        int examples = subject.batch();
        long[] shape =
                switch (type.getType()) {
                    case RNN -> new long[] {examples, ((InputTypeRecurrent) type).getTimeSeriesLength()};
                    case CNN -> new long[] {examples, 1, 1, 1};
                    case CNN3D -> new long[] {examples, 1, 1, 1, 1};
                    default -> new long[] {examples, 1};
                };
        double[] present = new double[Comparisons.length(shape)];
        Arrays.fill(present, 1);
        if (shape[1] == 1) {
            present[examples - 1] = 0;
        } else {
            int steps = (int) shape[1];
            for (int example = 1; example < examples; example++) {
                int length = 1 + example % (steps - 1);
                Arrays.fill(present, example * steps + length, (example + 1) * steps, 0);
            }
        }
        return Comparisons.array(present, DataType.DOUBLE, shape);
    }

    /**
     * 1 where the output is visible. A layer behind which there is no mask used it up, and all is visible, with two
     * exceptions: an example that is hidden as a whole has no output, DL4J's pooling makes −∞ or 0/0 of it; and behind an
     * output layer there is no mask because there is no layer.
     */
    private static INDArray visible(LayerUnderTest subject, INDArray mask, @Nullable INDArray after, INDArray y) {
        boolean usedUp = after == null && mask.length() != y.size(0) && !subject.isOutput();
        return usedUp ? Nd4j.onesLike(y) : spread(after == null ? mask : after, y.shape(), subject.outputType());
    }

    /** The output where it is visible, and 0 elsewhere, whatever is there. */
    private static INDArray seen(INDArray y, INDArray visible) {
        double[] values = Comparisons.of(y);
        double[] present = Comparisons.of(visible);
        Arrays.setAll(values, i -> present[i] == 0 ? 0 : values[i]);
        return Comparisons.array(values, DataType.DOUBLE, y.shape());
    }

    /** A mask in the shape of activations: 1 where they are present. */
    private static INDArray spread(INDArray mask, long[] shape, InputType type) {
        long[] sizes = sizes(mask, shape, type);
        double[] present = Comparisons.of(mask);
        double[] spread = new double[Comparisons.length(shape)];
        for (int i = 0; i < spread.length; i++) {
            long[] at = Comparisons.indices(i, shape);
            int element = 0;
            for (int axis = 0; axis < at.length; axis++) {
                element = (int) (element * sizes[axis] + (sizes[axis] == 1 ? 0 : at[axis]));
            }
            spread[i] = present[element];
        }
        return Comparisons.array(spread, DataType.DOUBLE, shape);
    }

    /** The sizes of a mask along each axis of activations: 1, or those of the activations. */
    private static long[] sizes(INDArray mask, long[] shape, InputType type) {
        long[] sizes = new long[shape.length];
        Arrays.fill(sizes, 1);
        if (mask.length() == shape[0]) {
            sizes[0] = shape[0];
        } else if (shape.length == 3 && mask.rank() == 2) {
            sizes[0] = mask.size(0);
            sizes[type instanceof InputTypeRecurrent r && r.getFormat() == RNNFormat.NWC ? 1 : 2] = mask.size(1);
        } else if (mask.rank() == shape.length) {
            sizes = mask.shape();
        }
        for (int axis = 0; axis < sizes.length; axis++) {
            if (sizes[axis] != 1 && sizes[axis] != shape[axis] || Comparisons.length(sizes) != mask.length()) {
                throw new Inapplicable("activations of shape " + Arrays.toString(shape) + " have a mask of shape "
                        + Arrays.toString(mask.shape()));
            }
        }
        return sizes;
    }
}
