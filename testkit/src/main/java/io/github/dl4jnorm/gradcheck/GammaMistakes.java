package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.List;

/** γ missing, multiplied twice or divided by, in all of dx or in one path. */
final class GammaMistakes {
    private GammaMistakes() {}

    static void addTo(NormMistakes mistakes) {
        NormStructure norm = mistakes.norm;
        boolean given = mistakes.statistic.isGiven();
        if (!given) {
            mistakes.add(Cause.GAMMA_AFTER_SUMS, "", "γ belongs into the sums: g = γ·dy", f -> f.gammaAfterSums = true);
        }
        if (!norm.hasGamma()) {
            return;
        }
        double[] gamma = norm.gamma();
        double[] ones = new double[gamma.length];
        Arrays.fill(ones, 1);
        if (norm.spec().unitOffset()) {
            double[] withoutOffset = NormMistakes.map(gamma, g -> g - 1);
            mistakes.add(Cause.GAMMA_WITHOUT_OFFSET, "", "g = (1 + γ)·dy", f -> f.gamma(withoutOffset));
        }
        add(mistakes, Cause.GAMMA_MISSING, "", "g = γ·dy, not dy", ones);
        add(
                mistakes,
                Cause.GAMMA_TWICE,
                "γ² in place of γ",
                "g = γ·dy, not γ²·dy",
                NormMistakes.map(gamma, g -> g * g));
        boolean zero = Arrays.stream(gamma).anyMatch(g -> g == 0);
        if (!zero) {
            double[] inverse = NormMistakes.map(gamma, g -> 1 / g);
            add(mistakes, Cause.GAMMA_DIVIDED, "dy/γ in place of γ·dy", "g = γ·dy, not dy/γ", inverse);
        }
    }

    private static void add(NormMistakes mistakes, Cause cause, String detail, String term, double... wrong) {
        mistakes.add(cause, detail, term, f -> f.gamma(wrong));
        List<Path> paths = Path.of(mistakes.statistic);
        if (paths.size() < 2) {
            return;
        }
        for (Path path : paths) {
            mistakes.add(cause, "in " + path.name(mistakes.statistic), term, f -> {
                f.gammaOfDirect = path == Path.DIRECT ? wrong : f.gammaOfDirect;
                f.gammaOfA = path == Path.A ? wrong : f.gammaOfA;
                f.gammaOfB = path == Path.B ? wrong : f.gammaOfB;
            });
        }
        if (paths.size() == 3) {
            mistakes.add(cause, "in the paths through mean and variance", term, f -> {
                f.gammaOfA = wrong;
                f.gammaOfB = wrong;
            });
        }
    }
}
