package io.github.dl4jnorm.internal.kernel;

import java.util.Arrays;

/** {@link Sums} of many groups of the same size side by side. */
final class LaneSums {
    double count;
    final double[] a;
    final double[] b;
    final double[] rest;

    LaneSums(int width) {
        this(new double[width], new double[width], new double[width]);
    }

    LaneSums(double[] a, double[] b, double[] rest) {
        this.a = a;
        this.b = b;
        this.rest = rest;
    }

    void clear(int width) {
        count = 0;
        Arrays.fill(a, 0, width, 0);
        Arrays.fill(b, 0, width, 0);
        Arrays.fill(rest, 0, width, 0);
    }

    /** Turns (Σd, Σd²) with d = x − m into moments: the mean, as m and the rest, and Σ(x−mean)². */
    void aroundMeans(double[] m, int width) {
        for (int j = 0; j < width; j++) {
            double offset = a[j] / count;
            b[j] = Math.max(0, b[j] - offset * a[j]);
            a[j] = m[j];
            rest[j] = offset;
        }
    }

    /** See {@link Sums#merge}. */
    void merge(LaneSums part, int width, Reduction reduction) {
        if (reduction != Reduction.MOMENTS) {
            count += part.count;
            for (int j = 0; j < width; j++) {
                a[j] += part.a[j];
                b[j] += part.b[j];
            }
            return;
        }
        if (count == 0) {
            count = part.count;
            System.arraycopy(part.a, 0, a, 0, width);
            System.arraycopy(part.b, 0, b, 0, width);
            System.arraycopy(part.rest, 0, rest, 0, width);
        } else {
            addMoments(part, width);
        }
        normalize(width);
    }

    private void addMoments(LaneSums part, int width) {
        double total = count + part.count;
        double share = part.count / total;
        double weight = count * share;
        for (int j = 0; j < width; j++) {
            double delta = (part.a[j] - a[j]) + (part.rest[j] - rest[j]);
            rest[j] += delta * share;
            b[j] += part.b[j] + delta * delta * weight;
        }
        count = total;
    }

    private void normalize(int width) {
        for (int j = 0; j < width; j++) {
            double sum = a[j] + rest[j];
            double added = sum - a[j];
            double left = (a[j] - (sum - added)) + (rest[j] - added);
            a[j] = sum;
            rest[j] = Double.isFinite(left) ? left : 0;
        }
    }
}
