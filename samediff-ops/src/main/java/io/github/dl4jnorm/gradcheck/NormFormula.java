package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Measure;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.Arrays;
import java.util.List;

/**
 * The backward pass of a normalization, dx = s·(g − A − x̂·B) with g = γ·dy, as the {@link Statistic} says it. The
 * quantities are open to mistakes, one value per element; {@link NormMistakes} lists them.
 */
final class NormFormula implements BackwardFormula {
    final NormStructure norm;

    /** γ, and whether it is multiplied after the sums, s·γ·(dy − …), and not before. */
    double[] gamma;

    boolean gammaAfterSums;

    /** s. */
    double[] scale;

    /** x̂ as it is multiplied with B, and as it is within the sums. */
    double[] xHat;

    double[] xHatInSums;

    /** What A and B are, and what each is multiplied with: 1 if right. */
    Term a;

    Term b;
    double[] factorOfA;
    double[] factorOfB;

    /** Over what A and B sum, and the number M. */
    GroupIndex groups;

    double count;

    NormFormula(NormStructure norm) {
        this.norm = norm;
        gamma = norm.gamma();
        scale = norm.statistics().scale();
        xHat(norm.statistics().xHat());
        a = norm.statistic().a();
        b = norm.statistic().b();
        factorOfA = filled(1);
        factorOfB = filled(1);
        sumOver(norm.groups());
    }

    void xHat(double... values) {
        xHat = values;
        xHatInSums = values;
    }

    /** Sums over these groups, and divides by their size. */
    void sumOver(GroupIndex other) {
        groups = other;
        count = other.size();
    }

    double[] filled(double value) {
        double[] values = new double[gamma.length];
        Arrays.fill(values, value);
        return values;
    }

    @Override
    public BackwardFormula fresh() {
        return new NormFormula(norm);
    }

    @Override
    public Matrix jacobian() {
        int n = xHat.length;
        double[] ofA = new double[n];
        double[] ofB = new double[n];
        for (int i = 0; i < n; i++) {
            ofA[i] = a.of(1, xHatInSums[i], count);
            ofB[i] = b.of(1, xHatInSums[i], count);
        }
        return Matrix.of(n, n, (i, j) -> {
            double derivative = i == j ? 1 : 0;
            if (groups.together(i, j)) {
                derivative -= factorOfA[j] * ofA[i] + xHat[j] * factorOfB[j] * ofB[i];
            }
            return (gammaAfterSums ? gamma[j] : gamma[i]) * scale[j] * derivative;
        });
    }

    @Override
    public String formula() {
        Statistic statistic = norm.statistic();
        String taken = taken(statistic.a(), "") + taken(statistic.b(), "x̂·");
        String dx = taken.isEmpty() ? "s·g" : "s·(g" + taken + ")";
        String with = (norm.hasGamma() ? "g = γ·dy and " : "")
                + scaleText(statistic, norm.spec().eps());
        return "dx = " + (norm.hasGamma() ? dx : dx.replace("g", "dy")) + " with " + with
                + (statistic.isGiven() ? " of the given σ²" : "");
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
        return new NormMistakes(norm).all();
    }
}
