package io.github.dl4jnorm.spec;

import static io.github.dl4jnorm.spec.Statistic.Center.GIVEN_MEAN;
import static io.github.dl4jnorm.spec.Statistic.Center.MEAN;
import static io.github.dl4jnorm.spec.Statistic.Center.NONE;
import static io.github.dl4jnorm.spec.Statistic.Measure.GIVEN_VARIANCE;
import static io.github.dl4jnorm.spec.Statistic.Measure.MEAN_OF_SQUARES;
import static io.github.dl4jnorm.spec.Statistic.Measure.SUM_OF_SQUARES;
import static io.github.dl4jnorm.spec.Statistic.Measure.SUM_OF_VALUES;
import static io.github.dl4jnorm.spec.Statistic.Scale.INVERSE;
import static io.github.dl4jnorm.spec.Statistic.Scale.INVERSE_FLOORED_ROOT;
import static io.github.dl4jnorm.spec.Statistic.Scale.INVERSE_ROOT;
import static io.github.dl4jnorm.spec.Statistic.Term.MEAN_OF_G;
import static io.github.dl4jnorm.spec.Statistic.Term.MEAN_OF_G_X_HAT;
import static io.github.dl4jnorm.spec.Statistic.Term.SUM_OF_G_X_HAT;
import static io.github.dl4jnorm.spec.Statistic.Term.ZERO;

/**
 * The one idea of this library: one statistic per group of elements, then an elementwise map. A row of this table is a
 * normalization:
 *
 * <pre>
 * forward    x̂ = (x − c)·s       y = a(γ·x̂ + β)
 * backward   g = γ·dy            dx = s·(g − A − x̂·B)      dγ = Σdy·x̂      dβ = Σdy
 * </pre>
 *
 * where dy stands for the gradient behind the activation a; c, s, A and B have one value per group of M elements; sums in
 * A and B are over the group, those of dγ and dβ over all elements that share the parameter.
 *
 * <p>Why dx has this form: with q the {@link Measure} and s = f(q), dx = s·g + (∂c/∂x)·(…) + (∂s/∂x)·Σg·(x − c). Each
 * derivative of c or s with respect to an element is a constant, or proportional to x̂ of that element. The constants
 * make A, the multiples of x̂ make B; {@code docs/gradients.md} derives every row.
 */
public enum Statistic {
    //               code  c           q                s             A               B
    /** BatchNorm in training, LayerNorm, GroupNorm, InstanceNorm: c = μ, s = 1/√(σ²+ε) with the biased variance. */
    MEAN_VARIANCE(1, MEAN, MEAN_OF_SQUARES, INVERSE_ROOT, MEAN_OF_G, MEAN_OF_G_X_HAT),

    /** RMSNorm (Zhang and Sennrich 2019): c = 0, s = 1/√(Σx²/M+ε). */
    ROOT_MEAN_SQUARE(2, NONE, MEAN_OF_SQUARES, INVERSE_ROOT, ZERO, MEAN_OF_G_X_HAT),

    /** Sum-normalization, x/Σx: c = 0, s = 1/(Σx+ε). */
    SUM(3, NONE, SUM_OF_VALUES, INVERSE, SUM_OF_G_X_HAT, ZERO),

    /** Unit normalization, x/‖x‖: c = 0, s = 1/√max(Σx², ε), and B = 0 where Σx² &lt; ε. */
    L2(4, NONE, SUM_OF_SQUARES, INVERSE_FLOORED_ROOT, ZERO, SUM_OF_G_X_HAT),

    /** BatchNorm in inference, or frozen: c = μ and s = 1/√(σ²+ε) of a given mean and variance, constants in x. */
    GIVEN(5, GIVEN_MEAN, GIVEN_VARIANCE, INVERSE_ROOT, ZERO, ZERO);

    /** c, what is subtracted from x. */
    public enum Center {
        /** Nothing. */
        NONE,
        /** μ = Σx/M. */
        MEAN,
        /** A mean that does not depend on x. */
        GIVEN_MEAN
    }

    /** q, what the scale is made of. */
    public enum Measure {
        /** Σx. */
        SUM_OF_VALUES,
        /** Σ(x−c)². */
        SUM_OF_SQUARES,
        /** Σ(x−c)²/M: with a mean, the biased variance σ². */
        MEAN_OF_SQUARES,
        /** A variance that does not depend on x. */
        GIVEN_VARIANCE;

        /**
         * q of a group.
         *
         * @param sum Σx or Σ(x−c)², whichever this is of
         * @param m number M of elements of the group
         * @return q
         * @throws IllegalStateException if q is given, so that there is nothing to sum
         */
        public double of(double sum, double m) {
            return switch (this) {
                case SUM_OF_VALUES, SUM_OF_SQUARES -> sum;
                case MEAN_OF_SQUARES -> sum / m;
                case GIVEN_VARIANCE -> throw new IllegalStateException("a given variance is not computed");
            };
        }
    }

    /** s as a function of q. */
    public enum Scale {
        /** s = 1/(q+ε). */
        INVERSE,
        /** s = 1/√(q+ε). */
        INVERSE_ROOT,
        /** s = 1/√max(q, ε): ε is the least that the root is taken of, and a constant where q is less. */
        INVERSE_FLOORED_ROOT;

        /**
         * s of a group.
         *
         * @param q the measure
         * @param eps ε
         * @return s
         */
        public double of(double q, double eps) {
            double regularized = regularized(q, eps);
            return switch (this) {
                case INVERSE -> 1 / regularized;
                case INVERSE_ROOT, INVERSE_FLOORED_ROOT -> 1 / Math.sqrt(regularized);
            };
        }

        /**
         * q as ε keeps it away from zero: q + ε or max(q, ε). NaN stays NaN.
         *
         * @param q the measure
         * @param eps ε
         * @return what s is the inverse of, or the inverse root
         */
        public double regularized(double q, double eps) {
            return switch (this) {
                case INVERSE, INVERSE_ROOT -> q + eps;
                case INVERSE_FLOORED_ROOT -> Math.max(q, eps);
            };
        }

        /**
         * Whether s does not depend on q: q is below the floor ε. There B is 0, whatever the {@link Term} says. On
         * equality s counts as a function of q, as with TensorFlow's maximum and PyTorch's clamp.
         *
         * @param q the measure
         * @param eps ε
         * @return true if a small change of q does not change s; false if q is NaN
         */
        public boolean isConstant(double q, double eps) {
            return switch (this) {
                case INVERSE, INVERSE_ROOT -> false;
                case INVERSE_FLOORED_ROOT -> q < eps;
            };
        }
    }

    /** A or B, what the backward pass takes away because c and s depend on x. */
    public enum Term {
        /** 0: what this term belongs to does not depend on x. */
        ZERO,
        /** Σg/M. */
        MEAN_OF_G,
        /** Σ(g·x̂)/M. */
        MEAN_OF_G_X_HAT,
        /** Σ(g·x̂). */
        SUM_OF_G_X_HAT;

        /**
         * The term of a group.
         *
         * @param sumG Σg
         * @param sumGXHat Σ(g·x̂)
         * @param m number M of elements of the group
         * @return A or B
         */
        public double of(double sumG, double sumGXHat, double m) {
            return switch (this) {
                case ZERO -> 0;
                case MEAN_OF_G -> sumG / m;
                case MEAN_OF_G_X_HAT -> sumGXHat / m;
                case SUM_OF_G_X_HAT -> sumGXHat;
            };
        }
    }

    private final int code;
    private final Center center;
    private final Measure measure;
    private final Scale scale;
    private final Term a;
    private final Term b;

    Statistic(int code, Center center, Measure measure, Scale scale, Term a, Term b) {
        this.code = code;
        this.center = center;
        this.measure = measure;
        this.scale = scale;
        this.a = a;
        this.b = b;
    }

    /** {@return c, which is subtracted from x} */
    public Center center() {
        return center;
    }

    /** {@return q, which the scale is made of} */
    public Measure measure() {
        return measure;
    }

    /** {@return s, which x − c is multiplied with} */
    public Scale scale() {
        return scale;
    }

    /** {@return A, which the backward pass subtracts from g} */
    public Term a() {
        return a;
    }

    /**
     * B, but 0 in a group whose {@linkplain Scale#isConstant scale is a constant}.
     *
     * @return what the backward pass multiplies x̂ with and subtracts from g
     */
    public Term b() {
        return b;
    }

    /** {@return whether something is subtracted from x: c is not 0} */
    public boolean isCentered() {
        return center != NONE;
    }

    /** {@return whether c and q come from elsewhere and not from x} */
    public boolean isGiven() {
        return measure == GIVEN_VARIANCE;
    }

    /**
     * Whether ε must be greater than 0: a root of what may be zero, because it comes from x, has no derivative there. A
     * given variance is the caller's, and a sum of zero is found when it occurs.
     *
     * @return false if ε = 0 is allowed
     */
    public boolean needsPositiveEps() {
        return scale != INVERSE && !isGiven();
    }

    /** The number of this row in saved graphs; never reused for another. */
    int code() {
        return code;
    }

    static Statistic withCode(long code) {
        for (Statistic statistic : values()) {
            if (statistic.code == code) {
                return statistic;
            }
        }
        throw new IllegalArgumentException("expected the code of a statistic, got " + code);
    }
}
