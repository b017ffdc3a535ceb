package io.github.dl4jnorm.layercheck;

import io.github.dl4jnorm.layercheck.LayerHarness.LayerResults;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The ways in which DL4J's own layers, and users, leave arrays in memory. */
final class Layouts {
    private static final Map<String, UnaryOperator<INDArray>> LAYOUTS = new TreeMap<>(Map.of(
            "'f'", x -> x.dup('f'),
            "second axis outermost", x -> stored(x, swapped(x.rank(), 0, 1)),
            "last two axes swapped", x -> stored(x, swapped(x.rank(), x.rank() - 2, x.rank() - 1)),
            "window", Layouts::window));

    private Layouts() {}

    private static int[] swapped(int rank, int first, int second) {
        return IntStream.range(0, rank)
                .map(axis -> axis == first ? second : axis == second ? first : axis)
                .toArray();
    }

    /** A view of an array whose axes lie in memory in another order; each order is its own inverse. */
    private static INDArray stored(INDArray x, int... order) {
        return x.permute(order).dup('c').permute(order);
    }

    /** A part of a larger array, with NaN around it. */
    private static INDArray window(INDArray x) {
        long[] larger = x.shape().clone();
        INDArrayIndex[] inside = new INDArrayIndex[larger.length];
        for (int axis = 0; axis < larger.length; axis++) {
            inside[axis] = NDArrayIndex.interval(1, 1 + larger[axis]);
            larger[axis] += 2;
        }
        return Nd4j.valueArrayOf(larger, Double.NaN, x.dataType()).get(inside).assign(x);
    }

    static String ofInput(LayerUnderTest subject) {
        boolean random = subject.isRandom();
        INDArray x = subject.input(subject.batch(), 0);
        compare(subject, false, x, true);
        if (!random) {
            compare(subject, true, x, true);
        }
        return String.join(", ", LAYOUTS.keySet()) + (random ? "; in inference, as training is random" : "");
    }

    static String ofEpsilon(LayerUnderTest subject) {
        subject.requireBackprop();
        INDArray x = subject.input(subject.batch(), 0);
        compare(subject, true, x, false);
        return String.join(", ", LAYOUTS.keySet());
    }

    private static void compare(LayerUnderTest subject, boolean training, INDArray x, boolean ofInput) {
        LayerHarness bench = subject.bench(DataType.DOUBLE);
        LayerResults expected = Activations.pass(subject, bench, x, training);
        LAYOUTS.forEach((name, layout) -> {
            INDArray given = ofInput ? layout.apply(x) : x.dup('c');
            INDArray y = bench.forward(given, training).dup();
            INDArray dy = subject.epsilon(y.shape());
            LayerResults actual =
                    training ? bench.backward(y, ofInput ? dy : layout.apply(dy)) : LayerResults.forward(y);
            Comparisons.close(name + " in " + Activations.mode(training), expected, actual, Comparisons.ROUNDING);
        });
    }
}
