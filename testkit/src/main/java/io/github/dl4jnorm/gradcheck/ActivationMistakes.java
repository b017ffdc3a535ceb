package io.github.dl4jnorm.gradcheck;

/** The derivative of an activation behind the normalization, or of e^x before it, forgotten or taken elsewhere. */
final class ActivationMistakes {
    private ActivationMistakes() {}

    static void addTo(NormMistakes mistakes) {
        NormStructure norm = mistakes.norm;
        if (norm.hasActivation()) {
            String term = "dy·a′(z) in place of dy";
            mistakes.add(Cause.ACTIVATION_MISSING, "", term, f -> f.slope = f.filled(1));
            if (norm.factors().activation().equals("ReLU")) {
                addMask(mistakes, "x", norm.x());
                addMask(mistakes, "x̂", norm.statistics().xHat());
            }
        }
        if (norm.isSoftmax()) {
            mistakes.add(Cause.EXPONENTIAL_MISSING, "dy − Σ(dy·y) over Σe^x", "e^x", f -> f.inner = f.filled(1));
            double[] scale = norm.statistics().scale();
            mistakes.add(Cause.WRONG_CACHE, "it is not multiplied with y", "y·(dy − Σ(dy·y))", f -> {
                f.inner = f.filled(1);
                f.scale = f.filled(1);
            });
            mistakes.add(
                    Cause.WRONG_CACHE,
                    "dy·y in place of dy outside of the sum",
                    "y·(dy − Σ(dy·y))",
                    f -> f.factorOfDirect = NormMistakes.product(norm.x(), scale));
        }
    }

    private static void addMask(NormMistakes mistakes, String of, double... values) {
        mistakes.add(
                Cause.ACTIVATION_WRONG,
                "the mask of " + of + " in place of y",
                "dy·(y > 0)",
                NormMistakes.RARE,
                f -> f.slope = NormMistakes.map(values, v -> v > 0 ? 1 : 0));
    }
}
