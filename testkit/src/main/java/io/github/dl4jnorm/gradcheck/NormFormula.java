package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Measure;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The backward pass of a normalization, dx = s·(g − A − x̂·B) with g = γ·a′(z)·dy, as the {@link Statistic} says it. The
 * quantities are open to mistakes, one value per element; {@link NormMistakes} lists them.
 */
final class NormFormula implements BackwardFormula {
    final NormStructure norm;

    /** γ in g, in A and in B; and whether it is multiplied after the sums, s·γ·(dy − …), and not before. */
    double[] gammaOfDirect;

    double[] gammaOfA;
    double[] gammaOfB;
    boolean gammaAfterSums;

    /** a′(z) of an activation behind, and the derivative of a function before the normalization. */
    double[] slope;

    double[] inner;

    /** s; and 1, or 0 where s is a constant, which B is multiplied with. */
    double[] scale;

    double[] scaleVaries;

    /** x̂ as it is multiplied with B, and as it is within the sums. */
    double[] xHat;

    double[] xHatInSums;

    /** What A and B are, and what g, A and B are multiplied with: 1 if right. */
    Term a;

    Term b;
    double[] factorOfDirect;
    double[] factorOfA;
    double[] factorOfB;

    /** Over what A and B sum, which of these sums each element gets, and the number M of each. */
    GroupIndex groups;

    int[] sumsOf;
    double countOfA;
    double countOfB;

    NormFormula(NormStructure norm) {
        this.norm = norm;
        gamma(norm.gamma());
        slope = norm.slope();
        inner = norm.inner();
        scale = norm.statistics().scale();
        scaleVaries = norm.statistics().scaleVaries();
        xHat(norm.statistics().xHat());
        a = norm.statistic().a();
        b = norm.statistic().b();
        factorOfDirect = filled(1);
        factorOfA = filled(1);
        factorOfB = filled(1);
        sumOver(norm.groups());
        countOfB = norm.statistics().divisor();
    }

    void gamma(double... values) {
        gammaOfDirect = values;
        gammaOfA = values;
        gammaOfB = values;
    }

    void xHat(double... values) {
        xHat = values;
        xHatInSums = values;
    }

    /** Sums over these groups, and divides by their size. */
    void sumOver(GroupIndex other) {
        groups = other;
        sumsOf = other.group();
        divideBy(other.size());
    }

    void divideBy(double count) {
        countOfA = count;
        countOfB = count;
    }

    double[] filled(double value) {
        double[] values = new double[norm.y().length];
        Arrays.fill(values, value);
        return values;
    }

    @Override
    public BackwardFormula fresh() {
        return new NormFormula(norm);
    }

    /** The Jacobian as vectors: diag(direct) − u·vᵀ of A − u·vᵀ of B, each uv within the groups. */
    private record Factors(double[] direct, double[] uA, double[] vA, double[] uB, double[] vB) {}

    private Factors factors() {
        int n = xHat.length;
        Factors f = new Factors(new double[n], new double[n], new double[n], new double[n], new double[n]);
        for (int i = 0; i < n; i++) {
            double outside = scale[i] * inner[i];
            f.direct[i] = slope[i] * gammaOfDirect[i] * factorOfDirect[i] * outside;
            f.uA[i] = slope[i] * a.of(1, xHatInSums[i], countOfA) * (gammaAfterSums ? 1 : gammaOfA[i]);
            f.uB[i] = slope[i] * b.of(1, xHatInSums[i], countOfB) * (gammaAfterSums ? 1 : gammaOfB[i]);
            f.vA[i] = factorOfA[i] * outside * (gammaAfterSums ? gammaOfA[i] : 1);
            f.vB[i] = factorOfB[i] * scaleVaries[i] * xHat[i] * outside * (gammaAfterSums ? gammaOfB[i] : 1);
        }
        return f;
    }

    @Override
    public RealMatrix jacobian() {
        Factors f = factors();
        return Matrices.of(xHat.length, xHat.length, (i, j) -> {
            double direct = i == j ? f.direct[i] : 0;
            return groups.group()[i] == sumsOf[j] ? direct - f.uA[i] * f.vA[j] - f.uB[i] * f.vB[j] : direct;
        });
    }

    @Override
    public double[] times(double... dy) {
        Factors f = factors();
        double[] a = new double[groups.groups()];
        double[] b = new double[groups.groups()];
        for (int i = 0; i < dy.length; i++) {
            a[groups.group()[i]] += dy[i] * f.uA[i];
            b[groups.group()[i]] += dy[i] * f.uB[i];
        }
        double[] dx = new double[dy.length];
        for (int j = 0; j < dx.length; j++) {
            dx[j] = dy[j] * f.direct[j] - a[sumsOf[j]] * f.vA[j] - b[sumsOf[j]] * f.vB[j];
        }
        return dx;
    }

    /** The parts of the Jacobian along each {@link Path} that there is, in that order. */
    List<RealMatrix> paths() {
        Factors f = factors();
        int n = xHat.length;
        return Path.of(norm.statistic()).stream()
                .map(path -> switch (path) {
                    case DIRECT -> Matrices.of(n, n, (i, j) -> i == j ? f.direct[i] : 0);
                    case A -> Matrices.of(n, n, (i, j) -> groups.group()[i] == sumsOf[j] ? -f.uA[i] * f.vA[j] : 0);
                    case B -> Matrices.of(n, n, (i, j) -> groups.group()[i] == sumsOf[j] ? -f.uB[i] * f.vB[j] : 0);
                })
                .toList();
    }

    @Override
    public String formula() {
        if (norm.isSoftmax()) {
            return "dx = y·(dy − Σ(dy·y))";
        }
        Statistic statistic = norm.statistic();
        String taken = taken(statistic.a(), "") + taken(statistic.b(), "x̂·");
        String dx = taken.isEmpty() ? "s·g" : "s·(g" + (norm.isUnbiased() ? unbiased(taken) : taken) + ")";
        String g = (norm.hasGamma() ? "γ·" : "") + (norm.hasActivation() ? "a′·" : "") + "dy";
        String with = (g.equals("dy") ? "" : "g = " + g + " and ")
                + scaleText(statistic, norm.spec().eps());
        String named = g.equals("dy") ? g : "g";
        return "dx = " + dx.replace("g", named) + " with " + with
                + (statistic.isGiven() ? " of the given σ²" : "")
                + (isConstantSomewhere() ? ", where " + measureText(statistic) + " < ε: dx = s·" + named : "")
                + (norm.hasActivation()
                        ? ", a′ the derivative of " + norm.factors().activation()
                        : "");
    }

    /** Whether some groups are below a floor. */
    boolean isConstantSomewhere() {
        return Arrays.stream(norm.statistics().scaleVaries()).anyMatch(v -> v == 0);
    }

    private static String unbiased(String taken) {
        return taken.replace("Σ(g·x̂)/M", "Σ(g·x̂)/(M−1)");
    }

    private static String taken(Term term, String factor) {
        return term == Term.ZERO ? "" : " − " + factor + text(term);
    }

    /** A or B as people write it. */
    static String text(Term term) {
        return switch (term) {
            case ZERO -> "0";
            case MEAN_OF_G -> "Σg/M";
            case MEAN_OF_G_X_HAT -> "Σ(g·x̂)/M";
            case SUM_OF_G_X_HAT -> "Σ(g·x̂)";
        };
    }

    /** s as people write it. */
    static String scaleText(Statistic statistic, double eps) {
        String q = measureText(statistic);
        String sum = eps == 0 ? q : "(" + q + "+ε)";
        return switch (statistic.scale()) {
            case INVERSE -> "s = 1/" + sum;
            case INVERSE_ROOT -> "s = 1/√" + sum;
            case INVERSE_FLOORED_ROOT -> "s = 1/√" + (eps == 0 ? q : "max(" + q + ", ε)");
        };
    }

    /** q as people write it. */
    static String measureText(Statistic statistic) {
        Measure measure = statistic.measure();
        return switch (measure) {
            case SUM_OF_VALUES -> "Σx";
            case SUM_OF_SQUARES -> "Σx²";
            case MEAN_OF_SQUARES -> statistic.isCentered() ? "σ²" : "Σx²/M";
            case GIVEN_VARIANCE -> "σ²";
        };
    }

    @Override
    public List<Mistake> mistakes() {
        return NormMistakes.of(norm);
    }
}
