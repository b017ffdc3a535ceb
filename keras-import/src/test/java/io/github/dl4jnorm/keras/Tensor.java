package io.github.dl4jnorm.keras;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An array in C order, and Keras' layers on it as their formulas say, in plain Java and double: the independent opinion
 * of these tests. Activations are as in Keras, with the batch first; those of convolutions and LSTM have channels last.
 */
final class Tensor {
    private final double[] data;
    private final int[] shape;

    Tensor(double[] data, int... shape) {
        this.data = data;
        this.shape = shape;
    }

    double[] data() {
        return data;
    }

    int[] shape() {
        return shape;
    }

    static Tensor of(Random random, double low, double high, int... shape) {
        // Rounded, so that the file and the reference have the same numbers.
        return new Tensor(
                random.doubles(size(shape), low, high).map(x -> (float) x).toArray(), shape);
    }

    static Tensor filled(double value, int... shape) {
        double[] data = new double[size(shape)];
        Arrays.fill(data, value);
        return new Tensor(data, shape);
    }

    static Tensor from(INDArray array) {
        int[] shape = Arrays.stream(array.shape()).mapToInt(Math::toIntExact).toArray();
        return new Tensor(array.dup('c').data().asDouble(), shape);
    }

    INDArray toArray() {
        float[] values = new float[data.length];
        IntStream.range(0, data.length).forEach(i -> values[i] = (float) data[i]);
        return Nd4j.createFromArray(values).reshape('c', shape);
    }

    static int size(int... shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    double max() {
        return Arrays.stream(data).map(Math::abs).max().orElse(0);
    }

    Tensor map(DoubleUnaryOperator f) {
        return new Tensor(Arrays.stream(data).map(f).toArray(), shape);
    }

    Tensor relu() {
        return map(x -> Math.max(0, x));
    }

    Tensor plus(Tensor other) {
        return new Tensor(
                IntStream.range(0, data.length)
                        .mapToDouble(i -> data[i] + other.data[i])
                        .toArray(),
                shape);
    }

    Tensor reshape(int... shape) {
        return new Tensor(data, shape);
    }

    Tensor flatten() {
        return reshape(shape[0], data.length / shape[0]);
    }

    /** With axis i of the result being axis axes[i] of this. */
    Tensor permute(int... axes) {
        int[] to = Arrays.stream(axes).map(axis -> shape[axis]).toArray();
        Tensor result = filled(0, to);
        for (int i = 0; i < data.length; i++) {
            int[] index = result.index(i);
            int[] from = new int[axes.length];
            IntStream.range(0, axes.length).forEach(a -> from[axes[a]] = index[a]);
            result.data[i] = data[offset(from)];
        }
        return result;
    }

    private int[] index(int offset) {
        int[] index = new int[shape.length];
        int rest = offset;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return index;
    }

    private int offset(int... index) {
        int offset = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            offset = offset * shape[axis] + index[axis];
        }
        return offset;
    }

    /** The number of an element's group among those that differ along some axes, counted in C order. */
    private int[] groups(IntPredicate along) {
        return IntStream.range(0, data.length)
                .map(i -> {
                    int[] index = index(i);
                    int group = 0;
                    for (int axis = 0; axis < shape.length; axis++) {
                        group = along.test(axis) ? group * shape[axis] + index[axis] : group;
                    }
                    return group;
                })
                .toArray();
    }

    /** γ·(x − mean)/√(variance + ε) + β, per index of an axis; null for a weight that is not there. */
    Tensor batchNorm(int axis, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, double eps) {
        int[] channel = groups(a -> a == axis);
        double[] y = new double[data.length];
        for (int i = 0; i < y.length; i++) {
            int c = channel[i];
            double xHat = (data[i] - mean.data[c]) / Math.sqrt(variance.data[c] + eps);
            y[i] = (gamma == null ? 1 : gamma.data[c]) * xHat + (beta == null ? 0 : beta.data[c]);
        }
        return new Tensor(y, shape);
    }

    /** γ·(x − μ)/√(σ² + ε) + β with μ and σ² over some axes; null for a weight that is not there. */
    Tensor layerNorm(Tensor gamma, Tensor beta, double eps, int... axes) {
        IntPredicate normalized = a -> contains(axes, a);
        int[] group = groups(normalized.negate());
        int[] weight = groups(normalized);
        double[] mean = new double[data.length];
        double[] variance = new double[data.length];
        int count = Arrays.stream(axes).map(axis -> shape[axis]).reduce(1, (a, b) -> a * b);
        for (int i = 0; i < data.length; i++) {
            mean[group[i]] += data[i] / count;
        }
        for (int i = 0; i < data.length; i++) {
            variance[group[i]] += Math.pow(data[i] - mean[group[i]], 2) / count;
        }
        double[] y = new double[data.length];
        for (int i = 0; i < y.length; i++) {
            double xHat = (data[i] - mean[group[i]]) / Math.sqrt(variance[group[i]] + eps);
            y[i] = (gamma == null ? 1 : gamma.data[weight[i]]) * xHat + (beta == null ? 0 : beta.data[weight[i]]);
        }
        return new Tensor(y, shape);
    }

    /** γ·(x − μ)/√(σ² + ε) + β with μ and σ² of each example and group of neighbours on an axis. */
    Tensor groupNorm(int groups, int axis, Tensor gamma, Tensor beta, double eps) {
        int[] split = IntStream.concat(
                        IntStream.concat(Arrays.stream(shape, 0, axis), IntStream.of(groups, shape[axis] / groups)),
                        Arrays.stream(shape, axis + 1, shape.length))
                .toArray();
        int[] others = IntStream.range(1, split.length).filter(a -> a != axis).toArray();
        Tensor xHat = reshape(split).layerNorm(null, null, eps, others).reshape(shape);
        return xHat.batchNorm(axis, gamma, beta, filled(0, shape[axis]), filled(1, shape[axis]), 0);
    }

    /** scale·x/√(Σx²/M + ε) over some axes. */
    Tensor rmsNorm(Tensor scale, double eps, int... axes) {
        int[] weight = groups(a -> contains(axes, a));
        int count = Arrays.stream(axes).map(axis -> shape[axis]).reduce(1, (a, b) -> a * b);
        double[] squares = squares(axes);
        return mapIndex(i -> scale.data[weight[i]] * data[i] / Math.sqrt(squares[i] / count + eps));
    }

    /** x/‖x‖ over some axes. */
    Tensor unitNorm(int... axes) {
        return unitNorm(0, axes);
    }

    /** x/√max(Σx², eps) over some axes. */
    Tensor unitNorm(double eps, int... axes) {
        double[] squares = squares(axes);
        return mapIndex(i -> data[i] / Math.sqrt(Math.max(squares[i], eps)));
    }

    private Tensor mapIndex(IntToDoubleFunction f) {
        return new Tensor(IntStream.range(0, data.length).mapToDouble(f).toArray(), shape);
    }

    /** For each element the sum of squares over some axes. */
    private double[] squares(int... axes) {
        int[] group = groups(a -> !contains(axes, a));
        double[] sums = new double[data.length];
        IntStream.range(0, data.length).forEach(i -> sums[group[i]] += data[i] * data[i]);
        return IntStream.of(group).mapToDouble(g -> sums[g]).toArray();
    }

    private static boolean contains(int[] axes, int axis) {
        return Arrays.stream(axes).anyMatch(a -> a == axis);
    }

    /** x·kernel + bias on the last axis; kernel [in, out]. */
    Tensor dense(Tensor kernel, Tensor bias) {
        int in = kernel.shape[0];
        int out = kernel.shape[1];
        int rows = data.length / in;
        int[] to = shape.clone();
        to[to.length - 1] = out;
        Tensor y = filled(0, to);
        for (int row = 0; row < rows; row++) {
            for (int o = 0; o < out; o++) {
                double sum = bias.data[o];
                for (int i = 0; i < in; i++) {
                    sum += data[row * in + i] * kernel.data[i * out + o];
                }
                y.data[row * out + o] = sum;
            }
        }
        return y;
    }

    /** A valid convolution of any number of spatial axes, channels last; kernel [sizes..., in, out]. */
    Tensor convolution(Tensor kernel, Tensor bias) {
        int spatial = kernel.shape.length - 2;
        int out = kernel.shape[spatial + 1];
        int[] to = shape.clone();
        IntStream.rangeClosed(1, spatial).forEach(a -> to[a] -= kernel.shape[a - 1] - 1);
        to[spatial + 1] = out;
        Tensor y = filled(0, to);
        for (int i = 0; i < y.data.length; i++) {
            int[] at = y.index(i);
            double sum = bias.data[at[spatial + 1]];
            for (int k = 0; k < kernel.data.length; k++) {
                int[] tap = kernel.index(k);
                if (tap[spatial + 1] == at[spatial + 1]) {
                    int[] from = at.clone();
                    IntStream.rangeClosed(1, spatial).forEach(a -> from[a] += tap[a - 1]);
                    from[spatial + 1] = tap[spatial];
                    sum += data[offset(from)] * kernel.data[k];
                }
            }
            y.data[i] = sum;
        }
        return y;
    }

    /** All outputs of an LSTM, [N, T, units]; gates in Keras' order: input, forget, cell, output. */
    Tensor lstm(Tensor kernel, Tensor recurrent, Tensor bias) {
        int units = recurrent.shape[0];
        Tensor y = filled(0, shape[0], shape[1], units);
        for (int n = 0; n < shape[0]; n++) {
            double[] h = new double[units];
            double[] c = new double[units];
            for (int t = 0; t < shape[1]; t++) {
                int at = (n * shape[1] + t) * shape[2];
                Tensor x = new Tensor(Arrays.copyOfRange(data, at, at + shape[2]), 1, shape[2]);
                double[] z =
                        x.dense(kernel, bias).plus(new Tensor(h, 1, units).dense(recurrent, filled(0, 4 * units))).data;
                h = new double[units];
                for (int u = 0; u < units; u++) {
                    c[u] = sigmoid(z[units + u]) * c[u] + sigmoid(z[u]) * Math.tanh(z[2 * units + u]);
                    h[u] = sigmoid(z[3 * units + u]) * Math.tanh(c[u]);
                    y.data[(n * shape[1] + t) * units + u] = h[u];
                }
            }
        }
        return y;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
