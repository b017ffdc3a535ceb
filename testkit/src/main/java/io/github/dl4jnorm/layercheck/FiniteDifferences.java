package io.github.dl4jnorm.layercheck;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Compares gradients with central differences (L(v+h) − L(v−h))/2h in double.
 *
 * <p>With h = 1e-5 the difference cuts off h²/6 = 2e-11 third derivatives, and rounding errs by 2⁻⁵³·Σ|w⊙y|/h times the
 * number of roundings behind an element of y, taken as {@value #ROUNDINGS}. An error up to that, or up to {@value
 * #RELATIVE} of the gradient, passes. What does not is measured again with h/100: if that agrees with the gradient, and
 * contradicts the first difference by more than rounding explains, there is a kink (ReLU, max pooling) between v−h and
 * v+h, and no error.
 */
final class FiniteDifferences {
    /** Of larger arrays, only as many elements are compared. */
    static final int MOST_ELEMENTS = 256;

    private static final double STEP = 1e-5;
    private static final double SMALLER_STEP = STEP / 100;
    private static final double RELATIVE = 1e-6;
    private static final double ROUNDINGS = 64;

    private int compared;
    private double largest;

    /**
     * Compares a gradient.
     *
     * @param what its name, for the message
     * @param analytic the gradient; of the length of v
     * @param v what the loss reads; modified while it is evaluated, and restored
     * @param loss the loss
     * @param seed which elements are compared, if not all
     * @throws CheckFailure naming the element that is furthest off, if one is wrong
     */
    void compare(String what, INDArray analytic, INDArray v, Loss loss, long seed) {
        long[] shape = v.shape();
        if (analytic.length() != v.length()) {
            throw new CheckFailure(
                    what + ": expected shape " + Arrays.toString(shape) + ", got " + Arrays.toString(analytic.shape()));
        }
        double[] gradient = Comparisons.of(analytic);
        double rounding = ROUNDINGS * Math.ulp(0.5) * Math.max(1, loss.magnitude());
        int[] elements = elements(gradient.length, seed);
        int wrong = 0;
        int worst = -1;
        double worstError = -1;
        double worstNumeric = 0;
        for (int element : elements) {
            long[] at = Comparisons.indices(element, shape);
            double numeric = difference(v, at, loss, STEP);
            double error = Math.abs(gradient[element] - numeric);
            if (!passes(gradient[element], numeric, rounding / STEP)) {
                double again = difference(v, at, loss, SMALLER_STEP);
                double noise = rounding / SMALLER_STEP;
                if (passes(gradient[element], again, noise) && Math.abs(again - numeric) > noise) {
                    continue;
                }
                wrong++;
                if (!(error <= worstError)) {
                    worst = element;
                    worstError = error;
                    worstNumeric = numeric;
                }
            } else {
                largest = Math.max(largest, error);
            }
        }
        compared += elements.length;
        if (wrong > 0) {
            throw new CheckFailure(String.format(
                    Locale.ROOT,
                    "%s%s: analytic %.6g, numeric %.6g; %d of %d elements differ",
                    what,
                    Arrays.toString(Comparisons.indices(worst, shape)),
                    gradient[worst],
                    worstNumeric,
                    wrong,
                    elements.length));
        }
    }

    // Written so that NaN does not pass.
    private static boolean passes(double analytic, double numeric, double absolute) {
        double error = Math.abs(analytic - numeric);
        return error <= absolute || error <= RELATIVE * Math.max(Math.abs(analytic), Math.abs(numeric));
    }

    private static double difference(INDArray v, long[] at, Loss loss, double step) {
        double value = v.getDouble(at);
        v.putScalar(at, value + step);
        double above = loss.value();
        v.putScalar(at, value - step);
        double below = loss.value();
        v.putScalar(at, value);
        return (above - below) / (2 * step);
    }

    private static int[] elements(int length, long seed) {
        return length <= MOST_ELEMENTS
                ? IntStream.range(0, length).toArray()
                : new Random(seed)
                        .ints(0, length)
                        .distinct()
                        .limit(MOST_ELEMENTS)
                        .toArray();
    }

    /** Whether nothing was compared. */
    boolean isIdle() {
        return compared == 0;
    }

    /** How much was compared. */
    String summary() {
        return String.format(Locale.ROOT, "%d elements, largest error %.1e", compared, largest);
    }
}
