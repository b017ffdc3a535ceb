package io.github.dl4jnorm.kernel;

/** The sums of a {@link Reduction} over part of a group, in double. */
final class Sums {
    /**
     * Of moments, what a is counted from: an element of the group. A mean that is far from zero compared to the
     * deviations from it would lose their last digits.
     */
    double base;

    double count;
    double a;
    double b;

    void clear(double newBase) {
        base = newBase;
        count = 0;
        a = 0;
        b = 0;
    }

    /** Adds plain sums of n more elements. */
    void add(double n, double moreA, double moreB) {
        count += n;
        a += moreA;
        b += moreB;
    }

    /** Merges mean, counted from the base, and Σ(x−mean)² of n more elements (Chan, Golub, LeVeque 1979). */
    void addMoments(double n, double mean, double squares) {
        if (count == 0) {
            count = n;
            a = mean;
            b = squares;
            return;
        }
        double total = count + n;
        double delta = mean - a;
        a += delta * (n / total);
        b += squares + delta * delta * (count * (n / total));
        count = total;
    }

    void merge(Sums part, Reduction reduction) {
        if (reduction == Reduction.MOMENTS) {
            addMoments(part.count, part.a, part.b);
        } else {
            add(part.count, part.a, part.b);
        }
    }
}
