package io.github.dl4jnorm.internal.kernel;

/** The sums of a {@link Reduction} over part of a group, in double. */
final class Sums {
    double count;

    /** Plain sums; of moments, the mean and Σ(x−mean)². */
    double a;

    double b;

    /**
     * What rounding left over of the mean: of numbers in double that lie far from zero compared to the deviations from it,
     * a mean in double alone would lose the last digits.
     */
    double rest;

    void clear() {
        count = 0;
        a = 0;
        b = 0;
        rest = 0;
    }

    /** Adds plain sums of n more elements. */
    void add(double n, double moreA, double moreB) {
        count += n;
        a += moreA;
        b += moreB;
    }

    /** Merges mean + more and Σ(x−mean−more)² of n more elements (Chan, Golub, LeVeque 1979). */
    void addMoments(double n, double mean, double more, double squares) {
        if (count == 0) {
            count = n;
            a = mean;
            rest = more;
            b = squares;
        } else {
            double total = count + n;
            double share = n / total;
            double delta = (mean - a) + (more - rest);
            rest += delta * share;
            b += squares + delta * delta * (count * share);
            count = total;
        }
        normalize();
    }

    /** Moves as much of the rest into the mean as that can hold: the error of a sum of two numbers is a number. */
    private void normalize() {
        double sum = a + rest;
        double added = sum - a;
        double left = (a - (sum - added)) + (rest - added);
        a = sum;
        rest = Double.isFinite(left) ? left : 0;
    }

    void merge(Sums part, Reduction reduction) {
        if (reduction == Reduction.MOMENTS) {
            addMoments(part.count, part.a, part.rest, part.b);
        } else {
            add(part.count, part.a, part.b);
        }
    }
}
