package io.github.dl4jnorm.benchmarks.kernel;

import java.util.SplittableRandom;

/** Kinds of input. */
public enum Values {
    /** Like activations. */
    NORMAL("mean 0, std 1") {
        @Override
        double at(SplittableRandom random, int row) {
            return gaussian(random);
        }
    },
    /** A mean that is no float. */
    ROUNDED_MEAN("1000.3 + 0.01·sin i") {
        @Override
        double at(SplittableRandom random, int row) {
            return 1000.3 + 0.01 * Math.sin(row);
        }
    },
    /** A mean far from zero. */
    OFFSET("mean 1e4, std 1e-2") {
        @Override
        double at(SplittableRandom random, int row) {
            return 1e4 + 1e-2 * gaussian(random);
        }
    },
    /** A mean farther from zero. */
    FAR("mean 1e6, std 1") {
        @Override
        double at(SplittableRandom random, int row) {
            return 1e6 + gaussian(random);
        }
    },
    /** No variance. */
    CONSTANT("constant 0.1") {
        @Override
        double at(SplittableRandom random, int row) {
            return 0.1;
        }
    },
    /** Hardly anything. */
    DENORMAL("denormals") {
        @Override
        double at(SplittableRandom random, int row) {
            return 1e-41 * gaussian(random);
        }
    },
    /** Squares near the limit. */
    HUGE("std 1e18") {
        @Override
        double at(SplittableRandom random, int row) {
            return 1e18 * gaussian(random);
        }
    },
    /** Squares beyond the limit. */
    LIMIT("near the float limit, std 1e37") {
        @Override
        double at(SplittableRandom random, int row) {
            return 1e37 * gaussian(random);
        }
    },
    /** One number that hides the others. */
    OUTLIER("one outlier of 1e8") {
        @Override
        double at(SplittableRandom random, int row) {
            return row == 0 ? 1e8 : gaussian(random);
        }
    };

    private final String title;

    Values(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** A value of an array whose rows are examples. */
    abstract double at(SplittableRandom random, int row);

    /** Close to a normal distribution, and quick: a sum of four uniform numbers. */
    static double gaussian(SplittableRandom random) {
        long bits = random.nextLong();
        long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
        return (sum - 2 * 65_535.0) / 65_536 * Math.sqrt(3);
    }
}
