package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.List;
import java.util.function.Consumer;

/** x acts on y directly, through c, which makes A, and through s; that path is A for a sum and B for everything else. */
final class PathMistakes {
    private final NormMistakes mistakes;
    private final NormStructure norm;
    private final Statistic statistic;
    private final double[] scale;

    private PathMistakes(NormMistakes mistakes) {
        this.mistakes = mistakes;
        this.norm = mistakes.norm;
        this.statistic = mistakes.statistic;
        this.scale = norm.statistics().scale();
    }

    static void addTo(NormMistakes mistakes) {
        PathMistakes paths = new PathMistakes(mistakes);
        switch (paths.statistic.a()) {
            case ZERO -> {}
            case MEAN_OF_G -> paths.addMeanPath();
            case SUM_OF_G_X_HAT -> paths.addSumPath();
            case MEAN_OF_G_X_HAT -> throw new IllegalStateException("no statistic has this A");
        }
        if (paths.statistic.b() != Term.ZERO) {
            paths.addScalePath();
        }
        if (paths.statistic.isCentered()) {
            mistakes.add(Cause.INFERENCE_FORMULA_IN_TRAINING, "", paths.a() + " " + paths.b(), f -> {
                f.factorOfA = f.filled(0);
                f.factorOfB = f.filled(0);
            });
        }
        paths.addOverwritten();
    }

    private String a() {
        return Path.A.term(statistic);
    }

    private String b() {
        return Path.B.term(statistic);
    }

    private void addMeanPath() {
        mistakes.add(Cause.MEAN_PATH_MISSING, "", a(), f -> f.factorOfA = f.filled(0));
        addMeanPath("its sign", f -> f.factorOfA = f.filled(-1));
        addMeanPath("twice what it should be", f -> f.factorOfA = f.filled(2));
        addMeanPath("Σg is not divided by M", f -> f.factorOfA = f.filled(norm.size()));
    }

    private void addMeanPath(String detail, Consumer<NormFormula> edit) {
        mistakes.add(Cause.MEAN_PATH_WRONG, detail, a(), edit);
    }

    /** The path through s = 1/√(q+ε): ∂s/∂q = −½·s³, and ∂q/∂x = 2(x−c), over M if q is a mean. */
    private void addScalePath() {
        boolean mean = statistic.b() == Term.MEAN_OF_G_X_HAT;
        String slope = (statistic.isCentered() ? "2(x−μ)" : "2x") + (mean ? norm.isUnbiased() ? "/(M−1)" : "/M" : "");
        String q = ScaleMistakes.inParentheses(NormFormula.measureText(statistic));
        String slopeOfScale = ScaleMistakes.slopeOfScale(statistic);
        mistakes.add(Path.B.missing(statistic), "", b(), f -> f.factorOfB = f.filled(0));
        addScalePath("its sign", f -> f.factorOfB = f.filled(-1));
        addScalePath("twice what it should be: " + slopeOfScale + ", with the ½", f -> f.factorOfB = f.filled(2));
        addScalePath(
                "half of what it should be: ∂" + q + "/∂x = " + slope + ", with the 2",
                f -> f.factorOfB = f.filled(0.5));
        addScalePath("s² in place of s³: " + slopeOfScale, f -> f.factorOfB = NormMistakes.map(scale, s -> 1 / s));
        if (mean) {
            addScalePath(
                    "Σ(g·x̂) is not divided by M",
                    f -> f.factorOfB = f.filled(norm.statistics().divisor()));
        } else {
            addScalePath("a mean in place of Σ(g·x̂)", f -> f.factorOfB = f.filled(1.0 / norm.size()));
        }
        addScalePathBelowFloor();
    }

    private void addScalePathBelowFloor() {
        if (norm.formula().isConstantSomewhere()) {
            addScalePath("s is a constant where it is 1/√ε", f -> f.scaleVaries = f.filled(1));
        }
    }

    private void addScalePath(String detail, Consumer<NormFormula> edit) {
        mistakes.add(Path.B.wrong(statistic), detail, b(), edit);
    }

    /** The path through s = 1/(Σx+ε): ∂s/∂x = −s². */
    private void addSumPath() {
        String inX = "−s²·Σ(g·x)";
        mistakes.add(Cause.SUM_PATH_MISSING, "", a(), f -> f.factorOfA = f.filled(0));
        addSumPath("its sign", a(), f -> f.factorOfA = f.filled(-1));
        addSumPath(
                "a mean in place of Σ(g·x̂): ∂(Σx)/∂x is 1, not 1/" + norm.size(),
                a(),
                f -> f.factorOfA = f.filled(1.0 / norm.size()));
        addSumPath("−s in place of −s²·x: x is missing", a(), f -> f.xHatInSums = f.filled(1));
        addSumPath("s in place of s²", inX, f -> f.xHatInSums = norm.x());
        addSumPath("s³ in place of s²", inX, f -> f.factorOfA = scale);
        addSumPath("it is not multiplied with s", a(), f -> f.factorOfA = NormMistakes.map(scale, s -> 1 / s));
    }

    private void addSumPath(String detail, String term, Consumer<NormFormula> edit) {
        mistakes.add(Cause.SUM_PATH_WRONG, detail, term, edit);
    }

    /** What comes back along several paths is added; with = in place of += the last one is left. */
    private void addOverwritten() {
        List<Path> paths = Path.of(statistic);
        if (paths.size() > 2) {
            mistakes.add(
                    Cause.DIRECT_PATH_MISSING, "", Path.DIRECT.term(statistic), f -> f.factorOfDirect = f.filled(0));
        }
        for (Path left : paths) {
            if (left != Path.DIRECT) {
                String detail = "only " + left.name(statistic) + " is left";
                String lost = String.join(
                        "; ",
                        paths.stream()
                                .filter(p -> p != left)
                                .map(p -> p.term(statistic))
                                .toList());
                mistakes.add(Cause.PATH_OVERWRITTEN, detail, lost, f -> {
                    f.factorOfDirect = f.filled(0);
                    f.factorOfA = left == Path.A ? f.factorOfA : f.filled(0);
                    f.factorOfB = left == Path.B ? f.factorOfB : f.filled(0);
                });
            }
        }
    }
}
