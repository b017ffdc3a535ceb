package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/** {@link Sums} of many groups of the same size side by side. */
final class LaneSums {
    double count;
    final double[] a;
    final double[] b;

    LaneSums(int width) {
        this(new double[width], new double[width]);
    }

    LaneSums(double[] a, double[] b) {
        this.a = a;
        this.b = b;
    }

    void clear(int width) {
        count = 0;
        Arrays.fill(a, 0, width, 0);
        Arrays.fill(b, 0, width, 0);
    }

    /** Turns (Σd, Σd²) with d = x − m into moments: the mean, counted from a base, and Σ(x−mean)². */
    void aroundMeans(double[] m, double[] base, int width) {
        for (int j = 0; j < width; j++) {
            double offset = a[j] / count;
            b[j] = Math.max(0, b[j] - offset * a[j]);
            a[j] = m[j] - base[j] + offset;
        }
    }

    /** See {@link Sums#merge}. */
    void merge(LaneSums part, int width, Reduction reduction) {
        if (reduction == Reduction.MOMENTS) {
            addMoments(part, width);
        } else {
            count += part.count;
            for (int j = 0; j < width; j++) {
                a[j] += part.a[j];
                b[j] += part.b[j];
            }
        }
    }

    private void addMoments(LaneSums part, int width) {
        double total = count + part.count;
        double share = part.count / total;
        double weight = count * share;
        for (int j = 0; j < width; j++) {
            double delta = part.a[j] - a[j];
            a[j] += delta * share;
            b[j] += part.b[j] + delta * delta * weight;
        }
        count = total;
    }
}
