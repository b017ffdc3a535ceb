package io.github.dl4jnorm.kernel;

/** The sums of a {@link Reduction} over part of a group, in double. */
final class Sums {
    double count;
    double a;
    double b;

    void clear() {
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

    /** Merges mean and Σ(x−mean)² of n more elements (Chan, Golub, LeVeque 1979). */
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

    void merge(Sums part, boolean moments) {
        if (moments) {
            addMoments(part.count, part.a, part.b);
        } else {
            add(part.count, part.a, part.b);
        }
    }
}
