package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic.Term;

/** Another array in place of x̂. */
final class XHatMistakes {
    private XHatMistakes() {}

    static void addTo(NormMistakes mistakes) {
        NormStructure norm = mistakes.norm;
        if (mistakes.statistic.b() == Term.ZERO) {
            return;
        }
        boolean centered = mistakes.statistic.isCentered();
        ElementStatistics statistics = norm.statistics();
        String term =
                NormFormula.text(mistakes.statistic.b()).replace("Σ", "x̂·Σ").replace("/M", "");
        String power = " in place of x̂, as with s in place of s³ in " + ScaleMistakes.slopeOfScale(mistakes.statistic);
        mistakes.add(Cause.WRONG_CACHE, (centered ? "x − μ" : "x") + power, term, f -> f.xHat(statistics.centered()));
        mistakes.add(Cause.WRONG_CACHE, "y in place of x̂", term, f -> f.xHat(norm.y()));
        if (centered) {
            mistakes.add(Cause.WRONG_CACHE, "x in place of x̂", term, f -> f.xHat(norm.x()));
            mistakes.add(
                    Cause.WRONG_CACHE,
                    "x·s in place of x̂ = (x − μ)·s",
                    term,
                    f -> f.xHat(NormMistakes.product(norm.x(), statistics.scale())));
        }
    }
}
