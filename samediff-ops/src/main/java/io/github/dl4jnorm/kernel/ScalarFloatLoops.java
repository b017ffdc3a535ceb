package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/**
 * Plain loops over {@code float[]}.
 *
 * <p>The JIT does not vectorize a sum into one variable. So terms are written to an array first and that is folded in
 * halves, which is also more accurate than one running sum; the offsets of the halves are constants because C2 gives up
 * on variable ones. Bodies are kept small for the same reason: it does not vectorize what it will not unroll.
 */
class ScalarFloatLoops implements InnerLoops<float[]> {
    private static final long INFINITY_BITS = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

    private final float[] first = new float[CHUNK];
    private final float[] second = new float[CHUNK];

    @Override
    public float[] allocate(int length) {
        return new float[length];
    }

    @Override
    public float[][] allocate(int rows, int length) {
        return new float[rows][length];
    }

    @Override
    public double get(float[] array, int index) {
        return array[index];
    }

    @Override
    public void set(float[] array, int index, double value) {
        array[index] = (float) value;
    }

    @Override
    public void fill(float[] array, int from, int to, double value) {
        Arrays.fill(array, from, to, (float) value);
    }

    @Override
    public void widen(float[] from, int n, double[] to) {
        for (int j = 0; j < n; j++) {
            to[j] = from[j];
        }
    }

    @Override
    public void narrow(double[] from, int n, float[] to) {
        for (int j = 0; j < n; j++) {
            to[j] = (float) from[j];
        }
    }

    @Override
    public double round(double value) {
        return (float) value;
    }

    @Override
    public void addTo(float[] x, int from, int n, double[] sums, int at) {
        for (int j = 0; j < n; j++) {
            sums[at + j] += x[from + j];
        }
    }

    @Override
    public double sum(float[] x, int n) {
        System.arraycopy(x, 0, first, 0, n);
        return total(first, n);
    }

    @Override
    public void moments(float[] x, int n, double shift, double[] sums) {
        deviations(x, n, (float) shift, first, second);
        sums[0] = total(first, n);
        sums[1] = total(second, n);
    }

    private static void deviations(float[] x, int n, float shift, float[] d, float[] squares) {
        for (int j = 0; j < n; j++) {
            float dj = x[j] - shift;
            d[j] = dj;
            squares[j] = dj * dj;
        }
    }

    @Override
    public void dots(float[] dy, float[] x, int n, double center, double[] sums) {
        System.arraycopy(dy, 0, first, 0, n);
        products(dy, x, n, (float) center, second);
        sums[0] = total(first, n);
        sums[1] = total(second, n);
    }

    private static void products(float[] dy, float[] x, int n, float center, float[] products) {
        for (int j = 0; j < n; j++) {
            products[j] = dy[j] * (x[j] - center);
        }
    }

    /** Σx[0, n), folding x in halves down to 64 sums that are added in double. Modified: x. */
    static double total(float[] x, int n) {
        int m = n;
        if (m > 2048) {
            for (int j = 0; j < m - 2048; j++) {
                x[j] += x[j + 2048];
            }
            m = 2048;
        }
        if (m > 1024) {
            for (int j = 0; j < m - 1024; j++) {
                x[j] += x[j + 1024];
            }
            m = 1024;
        }
        if (m > 512) {
            for (int j = 0; j < m - 512; j++) {
                x[j] += x[j + 512];
            }
            m = 512;
        }
        if (m > 256) {
            for (int j = 0; j < m - 256; j++) {
                x[j] += x[j + 256];
            }
            m = 256;
        }
        if (m > 128) {
            for (int j = 0; j < m - 128; j++) {
                x[j] += x[j + 128];
            }
            m = 128;
        }
        if (m > 64) {
            for (int j = 0; j < m - 64; j++) {
                x[j] += x[j + 64];
            }
            m = 64;
        }
        return inDouble(x, m);
    }

    private static double inDouble(float[] x, int n) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int j = 0;
        for (; j < n - 3; j += 4) {
            s0 += x[j];
            s1 += x[j + 1];
            s2 += x[j + 2];
            s3 += x[j + 3];
        }
        for (; j < n; j++) {
            s0 += x[j];
        }
        return (s0 + s1) + (s2 + s3);
    }

    @Override
    public void map(float[] x, int n, double center, double scale, double shift) {
        float m = (float) center;
        float s = (float) scale;
        float b = (float) shift;
        for (int j = 0; j < n; j++) {
            x[j] = (x[j] - m) * s + b;
        }
    }

    @Override
    public void mapAffine(float[] x, int n, double center, double scale, double shift, float[] gamma, float[] beta) {
        float m = (float) center;
        float s = (float) scale;
        float b = (float) shift;
        for (int j = 0; j < n; j++) {
            x[j] = ((x[j] - m) * s + b) * gamma[j] + beta[j];
        }
    }

    @Override
    public void mapBackward(
            float[] dy,
            float[] x,
            int n,
            double gradientCenter,
            double center,
            double slope,
            double scale,
            double shift) {
        float a = (float) gradientCenter;
        float m = (float) center;
        float h = (float) slope;
        float s = (float) scale;
        float b = (float) shift;
        for (int j = 0; j < n; j++) {
            dy[j] = ((dy[j] - a) - (x[j] - m) * h) * s + b;
        }
    }

    @Override
    public void relu(float[] y, int n) {
        for (int j = 0; j < n; j++) {
            y[j] = Math.max(y[j], 0);
        }
    }

    /** Without a branch, which would be mispredicted as often as not: the bits of positive floats are 1 to those of ∞. */
    @Override
    public void reluBackward(float[] dy, float[] y, int n) {
        for (int j = 0; j < n; j++) {
            long below = ((Float.floatToRawIntBits(y[j]) - 1) & 0xffff_ffffL) - INFINITY_BITS;
            dy[j] = Float.intBitsToFloat(Float.floatToRawIntBits(dy[j]) & (int) (below >> 63));
        }
    }

    @Override
    public void collectParameters(
            float[] dy,
            float[] x,
            int n,
            double center,
            double scale,
            double shift,
            float[] gamma,
            float[] dGamma,
            float[] dBeta) {
        addProducts(dy, x, n, (float) center, (float) scale, (float) shift, dGamma);
        add(dy, n, dBeta);
        multiply(dy, n, gamma);
    }

    private static void addProducts(
            float[] dy, float[] x, int n, float center, float scale, float shift, float[] dGamma) {
        for (int j = 0; j < n; j++) {
            dGamma[j] += dy[j] * ((x[j] - center) * scale + shift);
        }
    }

    static void add(float[] x, int n, float[] sums) {
        for (int j = 0; j < n; j++) {
            sums[j] += x[j];
        }
    }

    private static void multiply(float[] x, int n, float[] factors) {
        for (int j = 0; j < n; j++) {
            x[j] *= factors[j];
        }
    }

    @Override
    public void sumLanes(float[][] rows, int count, int n, float[] sums) {
        for (int row = 0; row < count; row++) {
            add(rows[row], n, sums);
        }
    }

    @Override
    public void momentsLanes(float[][] rows, int count, int n, float[] shift, float[] sums, float[] squares) {
        for (int row = 0; row < count; row++) {
            addDeviations(rows[row], 0, n, shift, sums, squares);
        }
    }

    static void addDeviations(float[] x, int from, int n, float[] shift, float[] sums, float[] squares) {
        for (int j = from; j < n; j++) {
            float d = x[j] - shift[j];
            sums[j] += d;
            squares[j] += d * d;
        }
    }

    @Override
    public void dotsLanes(float[][] dy, float[][] x, int count, int n, float[] center, float[] sums, float[] products) {
        for (int row = 0; row < count; row++) {
            addDots(dy[row], x[row], 0, n, center, sums, products);
        }
    }

    static void addDots(float[] dy, float[] x, int from, int n, float[] center, float[] sums, float[] products) {
        for (int j = from; j < n; j++) {
            sums[j] += dy[j];
            products[j] += dy[j] * (x[j] - center[j]);
        }
    }

    @Override
    public void mapLanes(float[][] rows, int count, int n, float[] center, float[] scale, float[] shift) {
        for (int row = 0; row < count; row++) {
            map(rows[row], n, center, scale, shift);
        }
    }

    private static void map(float[] x, int n, float[] center, float[] scale, float[] shift) {
        for (int j = 0; j < n; j++) {
            x[j] = (x[j] - center[j]) * scale[j] + shift[j];
        }
    }

    @Override
    public void mapBackwardLanes(
            float[][] dy,
            float[][] x,
            int count,
            int n,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift) {
        for (int row = 0; row < count; row++) {
            mapBackward(dy[row], x[row], n, gradientCenter, center, slope, scale, shift);
        }
    }

    private static void mapBackward(
            float[] dy,
            float[] x,
            int n,
            float[] gradientCenter,
            float[] center,
            float[] slope,
            float[] scale,
            float[] shift) {
        for (int j = 0; j < n; j++) {
            dy[j] = ((dy[j] - gradientCenter[j]) - (x[j] - center[j]) * slope[j]) * scale[j] + shift[j];
        }
    }
}
