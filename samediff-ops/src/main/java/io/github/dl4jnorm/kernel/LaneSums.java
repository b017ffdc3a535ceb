package io.github.dl4jnorm.kernel;

import java.util.Arrays;

/** {@link Sums} of many groups of the same size side by side. */
final class LaneSums {
    double count;
    final double[] a;
    final double[] b;

    LaneSums(int width) {
        a = new double[width];
        b = new double[width];
    }

    void clear(int width) {
        count = 0;
        Arrays.fill(a, 0, width, 0);
        Arrays.fill(b, 0, width, 0);
    }

    void copyTo(Sums sums, int lane) {
        sums.count = count;
        sums.a = a[lane];
        sums.b = b[lane];
    }

    /** See {@link Sums#merge}. */
    void merge(LaneSums part, int width, boolean moments) {
        if (moments) {
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
