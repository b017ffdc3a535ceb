package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All derivatives ∂y_i/∂x_j of a function y = f(x) of arrays at one x. Three things are often taken for each other:
 *
 * <ul>
 *   <li>the Jacobian itself, one number per output and input: {@link #array()};
 *   <li>its {@link #diagonal()}, how each output depends on the input at its own place, which is the whole Jacobian
 *       only of elementwise functions;
 *   <li>its {@link #sumOverOutputs()}, what {@code grad} in a framework returns, because that differentiates Σy.
 * </ul>
 *
 * <p>Immutable. A Jacobian of more than 2<sup>24</sup> elements is refused.
 */
public final class Jacobian {
    /** The step of central differences, as in PyTorch's {@code gradcheck}. */
    public static final double STEP = 1e-6;

    private static final String WHO = "Jacobian";
    private static final long MAX_ELEMENTS = 1L << 24;

    /** An element that is this part of the largest one, or less, is rounding. */
    private static final double NEGLIGIBLE = 1e-6;

    private final RealMatrix matrix;
    private final long[] outputShape;
    private final long[] inputShape;

    Jacobian(RealMatrix matrix, long[] outputShape, long[] inputShape) {
        this.matrix = matrix;
        this.outputShape = outputShape.clone();
        this.inputShape = inputShape.clone();
    }

    /**
     * The Jacobian by central differences with the step {@value #STEP}.
     *
     * @param f the function; evaluated twice per element of x, each time on a copy
     * @param x where to differentiate, DOUBLE
     * @return ∂f/∂x
     * @throws IllegalArgumentException if f is null, x or f(x) is not DOUBLE or empty, the step is lost in the rounding of
     *     x, or the Jacobian is too large
     */
    public static Jacobian of(UnaryOperator<INDArray> f, INDArray x) {
        return of(f, x, STEP);
    }

    /**
     * The Jacobian by central differences, (f(x+h) − f(x−h))/2h.
     *
     * @param f the function; evaluated twice per element of x, each time on a copy
     * @param x where to differentiate, DOUBLE
     * @param step h &gt; 0
     * @return ∂f/∂x
     * @throws IllegalArgumentException if x or f(x) is not DOUBLE or empty, the step not positive or lost in the rounding
     *     of x, or the Jacobian too large
     */
    public static Jacobian of(UnaryOperator<INDArray> f, INDArray x, double step) {
        checkThere("a function", f);
        Elements.checkDouble(WHO, "x", x);
        if (!(step > 0) || Double.isInfinite(step)) {
            throw new IllegalArgumentException(WHO + ": expected a step > 0, got " + step);
        }
        INDArray y = f.apply(x.dup());
        Elements.checkDouble(WHO, "f(x)", y);
        checkSize(y.shape(), x.shape());
        return new Jacobian(
                Derivatives.central(at -> Elements.of(f.apply(at)), x, step).values(), y.shape(), x.shape());
    }

    /**
     * The Jacobian as a backward pass sees it: its rows are what the backward pass returns for output gradients with a
     * single one.
     *
     * @param vjp dy → dx, linear; called once per element of y
     * @param outputShape shape of y
     * @param inputShape shape of x
     * @return the Jacobian
     * @throws IllegalArgumentException if a dx is not DOUBLE or not of the shape of x, or the Jacobian too large
     */
    public static Jacobian fromVjp(UnaryOperator<INDArray> vjp, long[] outputShape, long[] inputShape) {
        checkThere("a backward pass", vjp);
        checkSize(outputShape, inputShape);
        double[][] rows = new double[Elements.length(outputShape)][];
        for (int i = 0; i < rows.length; i++) {
            INDArray dx = vjp.apply(Elements.unit(i, outputShape));
            Elements.checkDouble(WHO, "dx", dx);
            if (!Arrays.equals(dx.shape(), inputShape)) {
                throw new IllegalArgumentException(WHO + ": expected dx of the shape of x, "
                        + Arrays.toString(inputShape) + ", got " + Arrays.toString(dx.shape()));
            }
            rows[i] = Elements.of(dx);
        }
        return new Jacobian(Matrices.ofRows(rows), outputShape, inputShape);
    }

    private static void checkThere(String what, @Nullable Object function) {
        if (function == null) {
            throw new IllegalArgumentException(WHO + ": expected " + what + ", got null");
        }
    }

    /** Throws if a Jacobian would be too large for memory. */
    static void checkSize(long[] outputShape, long[] inputShape) {
        long elements = Math.multiplyExact((long) Elements.length(outputShape), Elements.length(inputShape));
        if (elements > MAX_ELEMENTS) {
            throw new IllegalArgumentException(
                    WHO + ": expected at most " + MAX_ELEMENTS + " elements, got " + elements + " for outputs "
                            + Arrays.toString(outputShape) + " and inputs " + Arrays.toString(inputShape)
                            + "; use smaller arrays, or GradCheck's fast mode");
        }
    }

    /**
     * The shape of y.
     *
     * @return a new array
     */
    public long[] outputShape() {
        return outputShape.clone();
    }

    /**
     * The shape of x.
     *
     * @return a new array
     */
    public long[] inputShape() {
        return inputShape.clone();
    }

    /**
     * All of it.
     *
     * @return a new array of the shape of y followed by the shape of x: [i..., j...] is ∂y_i/∂x_j
     */
    public INDArray array() {
        long[] shape = Arrays.copyOf(outputShape, outputShape.length + inputShape.length);
        System.arraycopy(inputShape, 0, shape, outputShape.length, inputShape.length);
        return Elements.array(Matrices.values(matrix), shape);
    }

    /**
     * One derivative.
     *
     * @param output place of the output element in 'c' order
     * @param input place of the input element in 'c' order
     * @return ∂y_output/∂x_input
     */
    public double get(int output, int input) {
        return matrix.getEntry(output, input);
    }

    /**
     * ∂y_i/∂x_i: how each output depends on the input at its own place.
     *
     * @return a new array of the shape of x
     * @throws IllegalStateException if y and x differ in shape
     */
    public INDArray diagonal() {
        checkSameShapes("a diagonal");
        return Elements.array(Matrices.diagonal(matrix), inputShape);
    }

    /**
     * Σ_i ∂y_i/∂x_j: what {@code grad} with an output gradient of ones returns.
     *
     * @return a new array of the shape of x
     */
    public INDArray sumOverOutputs() {
        double[] ones = new double[matrix.getRowDimension()];
        Arrays.fill(ones, 1);
        return Elements.array(matrix.preMultiply(ones), inputShape);
    }

    /**
     * Σ_i dy_i·∂y_i/∂x_j: what a backward pass has to return.
     *
     * @param dy gradient of the output, of the shape of y
     * @return a new array of the shape of x
     * @throws IllegalArgumentException if dy has another shape
     */
    public INDArray vjp(INDArray dy) {
        if (!Arrays.equals(dy.shape(), outputShape)) {
            throw new IllegalArgumentException(WHO + ": expected dy of the shape of y, " + Arrays.toString(outputShape)
                    + ", got " + Arrays.toString(dy.shape()));
        }
        return Elements.array(matrix.preMultiply(Elements.of(dy)), inputShape);
    }

    /**
     * The axes along which an output depends on inputs at other places: none for an elementwise function, the batch
     * axis for BatchNorm, the normalized axes for LayerNorm. Derivatives below a millionth of the largest count as
     * none.
     *
     * @return a new array, increasing
     * @throws IllegalStateException if y and x differ in shape
     */
    public int[] coupledAxes() {
        checkSameShapes("coupled axes");
        return coupledAxes(matrix, inputShape);
    }

    static int[] coupledAxes(RealMatrix matrix, long... shape) {
        double negligible = NEGLIGIBLE * Matrices.maxAbs(matrix);
        boolean[] coupled = new boolean[shape.length];
        for (int i = 0; i < matrix.getRowDimension(); i++) {
            int[] output = Elements.index(i, shape);
            for (int j = 0; j < matrix.getColumnDimension(); j++) {
                if (Math.abs(matrix.getEntry(i, j)) > negligible) {
                    int[] input = Elements.index(j, shape);
                    for (int axis = 0; axis < shape.length; axis++) {
                        coupled[axis] |= output[axis] != input[axis];
                    }
                }
            }
        }
        return IntStream.range(0, shape.length).filter(axis -> coupled[axis]).toArray();
    }

    private void checkSameShapes(String what) {
        if (!Arrays.equals(outputShape, inputShape)) {
            throw new IllegalStateException(WHO + ": " + what + " needs outputs and inputs of one shape, got outputs "
                    + Arrays.toString(outputShape) + " and inputs " + Arrays.toString(inputShape));
        }
    }
}
