package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * Plain loops over {@code double[]}, for gradient checks and reference results: written to be right, not to be fast.
 */
final class ScalarDoubleLoops implements InnerLoops<double[]> {
    @Override
    public double[] allocate(int length) {
        return new double[length];
    }

    @Override
    public double[][] allocate(int rows, int length) {
        return new double[rows][length];
    }

    @Override
    public double get(double[] array, int index) {
        return array[index];
    }

    @Override
    public void set(double[] array, int index, double value) {
        array[index] = value;
    }

    @Override
    public void fill(double[] array, int from, int to, double value) {
        Arrays.fill(array, from, to, value);
    }

    @Override
    public void widen(double[] from, int n, double[] to) {
        System.arraycopy(from, 0, to, 0, n);
    }

    @Override
    public void narrow(double[] from, int n, double[] to) {
        System.arraycopy(from, 0, to, 0, n);
    }

    @Override
    public double round(double value) {
        return value;
    }

    @Override
    public void addTo(double[] x, int from, int n, double[] sums, int at) {
        for (int j = 0; j < n; j++) {
            sums[at + j] += x[from + j];
        }
    }

    @Override
    public double sum(double[] x, int n) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
            sum += x[j];
        }
        return sum;
    }

    @Override
    public void moments(double[] x, int n, double shift, double[] sums) {
        double sum = 0;
        double squares = 0;
        for (int j = 0; j < n; j++) {
            double d = x[j] - shift;
            sum += d;
            squares += d * d;
        }
        sums[0] = sum;
        sums[1] = squares;
    }

    @Override
    public void dots(double[] dy, double[] x, int n, double center, double[] sums) {
        double sum = 0;
        double products = 0;
        for (int j = 0; j < n; j++) {
            sum += dy[j];
            products += dy[j] * (x[j] - center);
        }
        sums[0] = sum;
        sums[1] = products;
    }

    @Override
    public void map(double[] x, int n, double center, double scale, double shift) {
        for (int j = 0; j < n; j++) {
            x[j] = (x[j] - center) * scale + shift;
        }
    }

    @Override
    public void mapAffine(double[] x, int n, double center, double scale, double shift, double[] gamma, double[] beta) {
        for (int j = 0; j < n; j++) {
            x[j] = ((x[j] - center) * scale + shift) * gamma[j] + beta[j];
        }
    }

    @Override
    public void mapBackward(
            double[] dy,
            double[] x,
            int n,
            double gradientCenter,
            double center,
            double slope,
            double scale,
            double shift) {
        for (int j = 0; j < n; j++) {
            dy[j] = ((dy[j] - gradientCenter) - (x[j] - center) * slope) * scale + shift;
        }
    }

    @Override
    public void relu(double[] y, int n) {
        for (int j = 0; j < n; j++) {
            y[j] = Math.max(y[j], 0);
        }
    }

    @Override
    public void reluBackward(double[] dy, double[] y, int n) {
        for (int j = 0; j < n; j++) {
            dy[j] = y[j] > 0 ? dy[j] : 0;
        }
    }

    @Override
    public void collectParameters(
            double[] dy,
            double[] x,
            int n,
            double center,
            double scale,
            double shift,
            double[] gamma,
            double[] dGamma,
            double[] dBeta) {
        for (int j = 0; j < n; j++) {
            dGamma[j] += dy[j] * ((x[j] - center) * scale + shift);
            dBeta[j] += dy[j];
            dy[j] *= gamma[j];
        }
    }

    @Override
    public void sumLanes(double[][] rows, int count, int n, double[] sums) {
        for (int row = 0; row < count; row++) {
            for (int j = 0; j < n; j++) {
                sums[j] += rows[row][j];
            }
        }
    }

    @Override
    public void momentsLanes(double[][] rows, int count, int n, double[] shift, double[] sums, double[] squares) {
        for (int row = 0; row < count; row++) {
            for (int j = 0; j < n; j++) {
                double d = rows[row][j] - shift[j];
                sums[j] += d;
                squares[j] += d * d;
            }
        }
    }

    @Override
    public void dotsLanes(
            double[][] dy, double[][] x, int count, int n, double[] center, double[] sums, double[] products) {
        for (int row = 0; row < count; row++) {
            for (int j = 0; j < n; j++) {
                sums[j] += dy[row][j];
                products[j] += dy[row][j] * (x[row][j] - center[j]);
            }
        }
    }

    @Override
    public void mapLanes(double[][] rows, int count, int n, double[] center, double[] scale, double[] shift) {
        for (int row = 0; row < count; row++) {
            double[] x = rows[row];
            for (int j = 0; j < n; j++) {
                x[j] = (x[j] - center[j]) * scale[j] + shift[j];
            }
        }
    }

    @Override
    public void mapBackwardLanes(
            double[][] dy,
            double[][] x,
            int count,
            int n,
            double[] gradientCenter,
            double[] center,
            double[] slope,
            double[] scale,
            double[] shift) {
        for (int row = 0; row < count; row++) {
            for (int j = 0; j < n; j++) {
                dy[row][j] =
                        ((dy[row][j] - gradientCenter[j]) - (x[row][j] - center[j]) * slope[j]) * scale[j] + shift[j];
            }
        }
    }
}
