package io.github.dl4jnorm.internal.kernel;

/**
 * Loops over arrays, from index 0 on.
 *
 * <p>The JIT vectorizes loops over arrays only, with one index that begins at 0, and no sum into one variable. So terms
 * are written to an array first and that is folded in halves, which is also more accurate than one running sum; the
 * offsets of the halves are constants because C2 gives up on variable ones. Bodies are kept small for the same reason: it
 * does not vectorize what it will not unroll.
 */
final class ScalarFloatArrays {
    private ScalarFloatArrays() {}

    /** x ← d and squares = d² with d = x − shift. */
    static void deviations(float[] x, int n, float shift, float[] squares) {
        for (int j = 0; j < n; j++) {
            float d = x[j] - shift;
            x[j] = d;
            squares[j] = d * d;
        }
    }

    /** x ← dy·(x−center). */
    static void products(float[] dy, float[] x, int n, float center) {
        for (int j = 0; j < n; j++) {
            x[j] = dy[j] * (x[j] - center);
        }
    }

    static void addProducts(float[] dy, float[] x, int n, float center, float scale, float shift, float[] dGamma) {
        for (int j = 0; j < n; j++) {
            dGamma[j] += dy[j] * ((x[j] - center) * scale + shift);
        }
    }

    static void add(float[] x, int n, float[] sums) {
        for (int j = 0; j < n; j++) {
            sums[j] += x[j];
        }
    }

    static void multiply(float[] x, int n, float[] factors) {
        for (int j = 0; j < n; j++) {
            x[j] *= factors[j];
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
        return inDouble(x, 0, m);
    }

    /** Σx[from, from+n), in an order of our own. */
    static double inDouble(float[] x, int from, int n) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int end = from + n;
        int j = from;
        for (; j < end - 3; j += 4) {
            s0 += x[j];
            s1 += x[j + 1];
            s2 += x[j + 2];
            s3 += x[j + 3];
        }
        for (; j < end; j++) {
            s0 += x[j];
        }
        return (s0 + s1) + (s2 + s3);
    }

    static void map(float[] x, int n, float center, float scale, float shift) {
        for (int j = 0; j < n; j++) {
            x[j] = (x[j] - center) * scale + shift;
        }
    }

    static void mapAffine(float[] x, int n, Coefficients c, float gamma, float beta) {
        float center = (float) c.center;
        float scale = (float) c.scale;
        float shift = (float) c.shift;
        for (int j = 0; j < n; j++) {
            x[j] = ((x[j] - center) * scale + shift) * gamma + beta;
        }
    }

    static void mapAffine(float[] x, int n, Coefficients c, float[] gamma, float[] beta) {
        float center = (float) c.center;
        float scale = (float) c.scale;
        float shift = (float) c.shift;
        for (int j = 0; j < n; j++) {
            x[j] = ((x[j] - center) * scale + shift) * gamma[j] + beta[j];
        }
    }

    static void mapBackward(float[] dy, float[] x, int n, Coefficients c) {
        float gradientCenter = (float) c.gradientCenter;
        float center = (float) c.center;
        float slope = (float) c.slope;
        float scale = (float) c.scale;
        float shift = (float) c.shift;
        for (int j = 0; j < n; j++) {
            dy[j] = ((dy[j] - gradientCenter) - (x[j] - center) * slope) * scale + shift;
        }
    }

    static void multiply(float[] x, int n, float factor) {
        for (int j = 0; j < n; j++) {
            x[j] *= factor;
        }
    }

    static void relu(float[] y, int n) {
        for (int j = 0; j < n; j++) {
            y[j] = Math.max(y[j], 0);
        }
    }

    /**
     * y ← dy where y is greater than 0, else 0. It chooses an array and not a value, because C2 does that without a
     * branch, which would be mispredicted as often as not.
     */
    static void reluBackward(float[] dy, float[] y, int n, float[] zeros) {
        for (int j = 0; j < n; j++) {
            y[j] = (y[j] > 0 ? dy : zeros)[j];
        }
    }

    /** The error of the sum of two numbers is a number, which this computes exactly. */
    static void add(float[] x, int n, float[] sums, float[] rest) {
        for (int j = 0; j < n; j++) {
            float before = sums[j];
            float sum = before + x[j];
            float added = sum - before;
            rest[j] += (before - (sum - added)) + (x[j] - added);
            sums[j] = sum;
        }
    }

    static void addDeviations(float[] x0, float[] x1, int n, float[] shift, float[] sums, float[] squares) {
        for (int j = 0; j < n; j++) {
            float d0 = x0[j] - shift[j];
            float d1 = x1[j] - shift[j];
            sums[j] += d0 + d1;
            squares[j] += d0 * d0 + d1 * d1;
        }
    }

    static void addDeviations(float[] x, int n, float[] shift, float[] sums, float[] squares) {
        for (int j = 0; j < n; j++) {
            float d = x[j] - shift[j];
            sums[j] += d;
            squares[j] += d * d;
        }
    }

    static void addDots(float[] dy, float[] x, int n, float[] center, float[] sums, float[] products) {
        for (int j = 0; j < n; j++) {
            sums[j] += dy[j];
            products[j] += dy[j] * (x[j] - center[j]);
        }
    }

    static void map(float[] x, int n, float[] center, float[] scale, float[] shift) {
        for (int j = 0; j < n; j++) {
            x[j] = (x[j] - center[j]) * scale[j] + shift[j];
        }
    }

    static void mapBackward(float[] dy, float[] x, int n, LaneMap<float[]> c) {
        float[] gradientCenter = c.gradientCenter;
        float[] center = c.center;
        float[] slope = c.slope;
        float[] scale = c.scale;
        float[] shift = c.shift;
        for (int j = 0; j < n; j++) {
            dy[j] = ((dy[j] - gradientCenter[j]) - (x[j] - center[j]) * slope[j]) * scale[j] + shift[j];
        }
    }
}
