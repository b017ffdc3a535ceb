package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.function.Consumer;

/** The formula of LayerNorm, or its mean, where nothing is subtracted. */
final class SuperfluousMeans {
    private SuperfluousMeans() {}

    static void addTo(NormMistakes mistakes) {
        NormStructure norm = mistakes.norm;
        ElementStatistics layerNorm =
                ElementStatistics.of(Statistic.MEAN_VARIANCE, norm.spec().eps(), norm.groups(), norm.x());
        String term = "c = 0: no mean belongs here";
        Cause cause = Cause.SUPERFLUOUS_MEAN;
        Consumer<NormFormula> meanOfG = f -> f.a = Term.MEAN_OF_G;
        Consumer<NormFormula> centered = f -> f.xHat(NormMistakes.product(layerNorm.centered(), f.scale));
        Consumer<NormFormula> standardized = f -> {
            f.scale = layerNorm.scale();
            f.xHat(layerNorm.xHat());
        };
        if (mistakes.statistic.a() == Term.ZERO) {
            mistakes.add(cause, "Σg/M from g", term, meanOfG);
            mistakes.add(cause, "Σg/M from g and μ from x", term, meanOfG.andThen(centered));
            mistakes.add(cause, "the backward pass of LayerNorm", term, meanOfG.andThen(standardized));
        }
        mistakes.add(cause, "μ from x", term, centered);
        mistakes.add(cause, "μ from x, and s = 1/√(σ²+ε)", term, standardized);
    }
}
