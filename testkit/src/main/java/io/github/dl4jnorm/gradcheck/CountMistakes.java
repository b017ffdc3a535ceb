package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.LinkedHashMap;
import java.util.Map;

/** M is the number of elements that share a statistic, and neither another number nor, in one path only, M − 1. */
final class CountMistakes {
    private CountMistakes() {}

    static void addTo(NormMistakes mistakes) {
        NormStructure norm = mistakes.norm;
        boolean dividesA = mistakes.statistic.a() == Term.MEAN_OF_G;
        boolean dividesB = mistakes.statistic.b() == Term.MEAN_OF_G_X_HAT;
        if (!dividesA && !dividesB) {
            return;
        }
        if (norm.isUnbiased()) {
            addBiased(mistakes);
        }
        int m = norm.size();
        String right = "M = " + m + ", the size of " + norm.groups().text();
        String terms = dividesA ? "Σg/M and x̂·Σ(g·x̂)/M" : "x̂·Σ(g·x̂)/M";
        String bracket = dividesA ? "(M·g − Σg − x̂·Σ(g·x̂))" : "(M·g − x̂·Σ(g·x̂))";
        double[] scale = norm.statistics().scale();
        wrong(norm).forEach((wrong, name) -> {
            String detail = "by " + wrong + ", " + name + ", in place of " + right;
            mistakes.add(Cause.WRONG_COUNT, detail, terms, f -> f.divideBy(wrong));
            mistakes.add(
                    Cause.WRONG_COUNT,
                    detail,
                    "s/M before " + bracket,
                    f -> f.scale = NormMistakes.map(scale, s -> s * m / wrong));
            if (dividesA) {
                double cost = wrong == m - 1 ? 1 : NormMistakes.RARE;
                mistakes.add(Cause.WRONG_COUNT, detail, "Σg/M alone", cost, f -> f.countOfA = wrong);
                if (!norm.isUnbiased() || wrong != m - 1) {
                    mistakes.add(Cause.WRONG_COUNT, detail, "Σ(g·x̂)/M alone", cost, f -> f.countOfB = wrong);
                }
            }
        });
        if (dividesA && m > 1) {
            String detail = "neither Σg nor Σ(g·x̂) is divided by M";
            mistakes.add(Cause.WRONG_COUNT, detail, terms, f -> f.divideBy(1));
        }
    }

    private static Map<Integer, String> wrong(NormStructure norm) {
        Map<Integer, String> divisors = new LinkedHashMap<>(Divisors.of(norm.shape()));
        divisors.putIfAbsent(norm.size() - 1, "M − 1");
        divisors.keySet().removeIf(count -> count == norm.size() || count < 2);
        return divisors;
    }

    private static void addBiased(NormMistakes mistakes) {
        NormStructure norm = mistakes.norm;
        ElementStatistics biased =
                ElementStatistics.of(mistakes.statistic, norm.spec().eps(), norm.groups(), norm.x());
        mistakes.add(
                Cause.BIASED_VARIANCE,
                "Σ(g·x̂) is divided by M, not by M − 1",
                "x̂·Σ(g·x̂)/(M−1)",
                f -> f.countOfB = norm.size());
        mistakes.add(Cause.BIASED_VARIANCE, "s, x̂ and Σ(g·x̂)/(M−1)", "σ²", f -> {
            f.countOfB = norm.size();
            f.scale = biased.scale();
            f.xHat(biased.xHat());
        });
        mistakes.add(Cause.BIASED_VARIANCE, "s alone", "σ²", f -> f.scale = biased.scale());
    }
}
