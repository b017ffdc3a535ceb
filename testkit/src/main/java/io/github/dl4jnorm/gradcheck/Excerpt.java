package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.gradcheck.Slope.Surroundings;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A part of a function whose groups are independent, as a function of small arrays: whole groups of x, the parameters that
 * they meet, and the outputs at these places. All else keeps its value, and its output gradient is zero. Runs one pair of
 * passes after another, as what a forward pass of the part has changed is handed back and forth.
 */
final class Excerpt implements Differentiable {
    /** As many elements of x are examined, unless a single group has more. */
    private static final int ENOUGH = 256;

    /** Derivatives by so many elements tell which axes belong together. */
    private static final int PROBES = 4;

    private static final double GOLDEN = 0.618034;
    private static final double NEGLIGIBLE = 1e-6;

    private final Differentiable whole;
    private final INDArray[] inputs;
    private final Part output;
    private final Part[] parts;

    /** Of the last forward pass. */
    private INDArray[] seenWhole = {};

    private INDArray[] seen = {};

    private Excerpt(Differentiable whole, INDArray[] inputs, Part output, Part... parts) {
        this.whole = whole;
        this.inputs = inputs;
        this.output = output;
        this.parts = parts;
    }

    /**
     * A part whose Jacobian is not too large, or null if groups are, or x and y differ in shape.
     *
     * @param whole a function with one output
     * @param inputs where
     * @param maxElements of a Jacobian
     */
    static @Nullable Excerpt of(Differentiable whole, INDArray[] inputs, INDArray y, int maxElements) {
        long[] shape = inputs[0].shape();
        if (!Arrays.equals(shape, y.shape())) {
            return null;
        }
        boolean[] coupled = coupledAxes(whole, inputs);
        int[] sizes = sizes(coupled, shape);
        Part x = new Part(
                shape,
                IntStream.range(0, shape.length)
                        .mapToObj(axis -> IntStream.range(0, sizes[axis]).toArray())
                        .toArray(int[][]::new));
        Part[] parts = new Part[inputs.length];
        parts[0] = x;
        for (int n = 1; n < inputs.length; n++) {
            parts[n] = ofParameter(whole, inputs, n, x);
        }
        boolean small = Arrays.stream(parts).allMatch(p -> (long) p.length() * x.length() <= maxElements);
        return small ? new Excerpt(whole, inputs, x, parts) : null;
    }

    /** The axes along which an output depends on inputs at other places, as far as a few inputs tell. */
    private static boolean[] coupledAxes(Differentiable whole, INDArray... inputs) {
        long[] shape = inputs[0].shape();
        Surroundings around = around(whole, inputs, 0);
        boolean[] coupled = new boolean[shape.length];
        for (int probe = 0; probe < PROBES; probe++) {
            // Multiples of the golden ratio are on no grid.
            int j = (int) (probe * GOLDEN % 1 * Elements.length(shape));
            int[] from = Elements.index(j, shape);
            for (int i : touched(around.along(j))) {
                int[] to = Elements.index(i, shape);
                for (int axis = 0; axis < shape.length; axis++) {
                    coupled[axis] |= to[axis] != from[axis];
                }
            }
        }
        return coupled;
    }

    private static Surroundings around(Differentiable whole, INDArray[] inputs, int n) {
        return Surroundings.of(
                x -> {
                    INDArray[] at = Elements.copies(inputs);
                    at[n] = x;
                    return Elements.of(whole.forward(at).outputs()[0]);
                },
                inputs[n]);
    }

    private static int[] touched(Slope slope) {
        double largest = Elements.largest(slope.values());
        return IntStream.range(0, slope.values().length)
                .filter(i -> Math.abs(slope.values()[i]) > NEGLIGIBLE * largest)
                .toArray();
    }

    /** All along coupled axes, and along the others as much as is enough, evenly. */
    private static int[] sizes(boolean[] coupled, long... shape) {
        int[] sizes = IntStream.range(0, shape.length)
                .map(axis -> coupled[axis] ? (int) shape[axis] : 1)
                .toArray();
        boolean grown = true;
        while (grown) {
            grown = false;
            for (int axis = 0; axis < shape.length; axis++) {
                long length = Arrays.stream(sizes).asLongStream().reduce(1, (a, b) -> a * b);
                if (sizes[axis] < shape[axis] && length / sizes[axis] * (sizes[axis] + 1) <= ENOUGH) {
                    sizes[axis]++;
                    grown = true;
                }
            }
        }
        return sizes;
    }

    /** The elements of a parameter that meet a part of x; all of them if it is not clear which do. */
    private static Part ofParameter(Differentiable whole, INDArray[] inputs, int n, Part x) {
        long[] shape = inputs[n].shape();
        int rank = x.shape.length;
        int first = shape.length == 1 ? axisOf(whole, inputs, n, x.shape) : rank - shape.length;
        boolean fits = first >= 0
                && IntStream.range(0, shape.length).allMatch(a -> shape[a] == 1 || shape[a] == x.shape[first + a]);
        int[][] places = new int[shape.length][];
        for (int a = 0; a < shape.length; a++) {
            places[a] = fits && shape[a] > 1
                    ? x.places[first + a]
                    : IntStream.range(0, (int) shape[a]).toArray();
        }
        return new Part(shape, places);
    }

    /** The axis of x that a vector is broadcast along, or −1. */
    private static int axisOf(Differentiable whole, INDArray[] inputs, int n, long... shape) {
        int length = Math.toIntExact(inputs[n].length());
        int j = length / 2;
        int[] touched = touched(around(whole, inputs, n).along(j));
        return IntStream.range(0, shape.length)
                .filter(axis -> shape[axis] == length
                        && Arrays.stream(touched).allMatch(i -> Elements.index(i, shape)[axis] == j))
                .findFirst()
                .orElse(-1);
    }

    /** The inputs of the part. */
    INDArray[] small() {
        return IntStream.range(0, parts.length)
                .mapToObj(n -> parts[n].take(inputs[n]))
                .toArray(INDArray[]::new);
    }

    @Override
    public Forward forward(INDArray... smalls) {
        seenWhole = Elements.copies(inputs);
        seen = smalls;
        for (int n = 0; n < parts.length; n++) {
            parts[n].put(smalls[n], seenWhole[n]);
        }
        Forward forward = whole.forward(seenWhole);
        for (int n = 0; n < parts.length; n++) {
            smalls[n].assign(parts[n].take(seenWhole[n]));
        }
        return new Forward(new INDArray[] {output.take(forward.outputs()[0])}, forward.saved());
    }

    @Override
    public @Nullable INDArray[] backward(INDArray[] saved, INDArray... outputGradients) {
        for (int n = 0; n < parts.length; n++) {
            parts[n].put(seen[n], seenWhole[n]);
        }
        INDArray dy = Elements.array(new double[Elements.length(output.shape)], output.shape);
        output.put(outputGradients[0], dy);
        @Nullable INDArray[] gradients = whole.backward(saved, dy);
        @Nullable INDArray[] small = gradients.clone();
        for (int n = 0; n < gradients.length && n < parts.length; n++) {
            small[n] = part(gradients[n], parts[n]);
        }
        return small;
    }

    /** A gradient may have the shape of the output by mistake; of any other shape it is of no part. */
    private INDArray part(@Nullable INDArray gradient, Part part) {
        if (gradient == null) {
            return Elements.array(new double[part.length()], part.size());
        }
        Part fitting = Arrays.equals(gradient.shape(), part.shape) ? part : output;
        return Arrays.equals(gradient.shape(), fitting.shape) ? fitting.take(gradient) : gradient;
    }

    /** "[2, 128] of [512, 128]". */
    String describe() {
        return Arrays.toString(output.size()) + " of " + Arrays.toString(output.shape);
    }

    /**
     * A grid of elements of an array.
     *
     * @param shape shape of the array
     * @param places along each axis
     */
    private record Part(long[] shape, int[]... places) {
        long[] size() {
            return Arrays.stream(places).mapToLong(p -> p.length).toArray();
        }

        int length() {
            return Elements.length(size());
        }

        INDArray take(INDArray array) {
            double[] values = new double[length()];
            Arrays.setAll(values, i -> array.getDouble(place(i)));
            return Elements.array(values, size());
        }

        void put(INDArray small, INDArray array) {
            double[] values = Elements.of(small);
            for (int i = 0; i < values.length; i++) {
                array.putScalar(place(i), values[i]);
            }
        }

        private long[] place(int i) {
            int[] index = Elements.index(i, size());
            return IntStream.range(0, index.length)
                    .mapToLong(axis -> places[axis][index[axis]])
                    .toArray();
        }
    }
}
