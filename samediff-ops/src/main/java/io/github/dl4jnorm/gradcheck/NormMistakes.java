package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Scale;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What people get wrong in dx = s·(g − A − x̂·B), as edits of a {@link NormFormula}, for any statistic. */
final class NormMistakes {
    private final NormStructure norm;
    private final Statistic statistic;
    private final ElementStatistics statistics;
    private final double eps;
    private final double[] x;
    private final double[] scale;
    private final String a;
    private final String b;
    private final String scaleText;
    private final List<Mistake> all = new ArrayList<>();

    NormMistakes(NormStructure norm) {
        this.norm = norm;
        this.statistic = norm.statistic();
        this.statistics = norm.statistics();
        this.eps = norm.spec().eps();
        this.x = norm.x();
        this.scale = statistics.scale();
        this.a = "−s·" + NormFormula.text(statistic.a());
        this.b = "−s·x̂·" + NormFormula.text(statistic.b());
        this.scaleText = NormFormula.scaleText(statistic, eps);
    }

    List<Mistake> all() {
        if (statistic.isGiven()) {
            addTrainingFormulas();
        } else {
            addPaths();
            addCounts();
            addAxes();
            addWrongXHats();
            add(Cause.GAMMA_AFTER_SUMS, "", "γ belongs into the sums: g = γ·dy", f -> f.gammaAfterSums = true);
        }
        addGamma();
        addScales();
        if (!statistic.isGiven() && !statistic.isCentered()) {
            addSuperfluousMeans();
        }
        return all;
    }

    private void add(Cause cause, String detail, String term, Consumer<NormFormula> edit) {
        all.add(new Mistake(cause, detail, term, formula -> edit.accept((NormFormula) formula)));
    }

    /** x acts on y through c, which makes A, and through s; that path is A for a sum and B for everything else. */
    private void addPaths() {
        switch (statistic.a()) {
            case ZERO -> {}
            case MEAN_OF_G -> {
                add(Cause.MEAN_PATH_MISSING, "", a, f -> f.factorOfA = f.filled(0));
                add(Cause.MEAN_PATH_WRONG, "its sign", a, f -> f.factorOfA = f.filled(-1));
                add(Cause.MEAN_PATH_WRONG, "twice what it should be", a, f -> f.factorOfA = f.filled(2));
                add(Cause.MEAN_PATH_WRONG, "Σg is not divided by M", a, f -> f.factorOfA = f.filled(norm.size()));
            }
            case SUM_OF_G_X_HAT -> addSumPath();
            case MEAN_OF_G_X_HAT -> throw new IllegalStateException("no statistic has this A");
        }
        switch (statistic.measure()) {
            case SUM_OF_VALUES, GIVEN_VARIANCE -> {}
            case SUM_OF_SQUARES -> addScalePath(Cause.NORM_PATH_MISSING, Cause.NORM_PATH_WRONG);
            case MEAN_OF_SQUARES -> {
                if (statistic.isCentered()) {
                    addScalePath(Cause.VARIANCE_PATH_MISSING, Cause.VARIANCE_PATH_WRONG);
                    add(Cause.INFERENCE_FORMULA_IN_TRAINING, "", a + " " + b, f -> {
                        f.factorOfA = f.filled(0);
                        f.factorOfB = f.filled(0);
                    });
                } else {
                    addScalePath(Cause.MEAN_SQUARE_PATH_MISSING, Cause.MEAN_SQUARE_PATH_WRONG);
                }
            }
        }
    }

    /** The path through s = 1/√(q+ε): ∂s/∂q = −½·s³, and ∂q/∂x = 2(x−c), over M if q is a mean. */
    private void addScalePath(Cause missing, Cause wrong) {
        boolean mean = statistic.b() == Term.MEAN_OF_G_X_HAT;
        String q = inParentheses(NormFormula.measureText(statistic));
        String slope = (statistic.isCentered() ? "2(x−μ)" : "2x") + (mean ? "/M" : "");
        add(missing, "", b, f -> f.factorOfB = f.filled(0));
        add(wrong, "its sign", b, f -> f.factorOfB = f.filled(-1));
        add(wrong, "twice what it should be: " + slopeOfScale() + ", with the ½", b, f -> f.factorOfB = f.filled(2));
        add(
                wrong,
                "half of what it should be: ∂" + q + "/∂x = " + slope + ", with the 2",
                b,
                f -> f.factorOfB = f.filled(0.5));
        add(wrong, "s² in place of s³: " + slopeOfScale(), b, f -> f.factorOfB = map(scale, s -> 1 / s));
        if (mean) {
            add(wrong, "Σ(g·x̂) is not divided by M", b, f -> f.factorOfB = f.filled(norm.size()));
        } else {
            add(wrong, "a mean in place of Σ(g·x̂)", b, f -> f.factorOfB = f.filled(1.0 / norm.size()));
        }
    }

    private String slopeOfScale() {
        return "∂s/∂" + inParentheses(NormFormula.measureText(statistic)) + " = −½·s³";
    }

    private static String inParentheses(String q) {
        return q.startsWith("Σ") ? "(" + q + ")" : q;
    }

    /** The path through s = 1/(Σx+ε): ∂s/∂x = −s². */
    private void addSumPath() {
        String inX = "−s²·Σ(g·x)";
        Cause wrong = Cause.SUM_PATH_WRONG;
        add(Cause.SUM_PATH_MISSING, "", a, f -> f.factorOfA = f.filled(0));
        add(wrong, "its sign", a, f -> f.factorOfA = f.filled(-1));
        add(
                wrong,
                "a mean in place of Σ(g·x̂): ∂(Σx)/∂x is 1, not 1/" + norm.size(),
                a,
                f -> f.factorOfA = f.filled(1.0 / norm.size()));
        add(wrong, "−s in place of −s²·x: x is missing", a, f -> f.xHatInSums = f.filled(1));
        add(wrong, "s in place of s²", inX, f -> f.xHatInSums = x);
        add(wrong, "s³ in place of s²", inX, f -> f.factorOfA = scale);
        add(wrong, "it is not multiplied with s", a, f -> f.factorOfA = map(scale, s -> 1 / s));
    }

    private void addCounts() {
        boolean dividesA = statistic.a() == Term.MEAN_OF_G;
        boolean dividesB = statistic.b() == Term.MEAN_OF_G_X_HAT;
        if (!dividesA && !dividesB) {
            return;
        }
        int m = norm.size();
        Map<Integer, String> divisors = Divisors.of(norm.shape());
        divisors.putIfAbsent(m - 1, "M − 1");
        String right = "M = " + m + ", the size of " + norm.groups().text();
        String terms = dividesA ? "Σg/M and x̂·Σ(g·x̂)/M" : "x̂·Σ(g·x̂)/M";
        String bracket = dividesA ? "(M·g − Σg − x̂·Σ(g·x̂))" : "(M·g − x̂·Σ(g·x̂))";
        divisors.forEach((wrong, name) -> {
            if (wrong != m && wrong > 0) {
                String detail = "by " + wrong + ", " + name + ", in place of " + right;
                add(Cause.WRONG_COUNT, detail, terms, f -> f.count = wrong);
                add(Cause.WRONG_COUNT, detail, "s/M before " + bracket, f -> f.scale = map(scale, s -> s * m / wrong));
            }
        });
    }

    private void addAxes() {
        String sums = Stream.of(statistic.a(), statistic.b())
                .filter(term -> term != Term.ZERO)
                .map(NormFormula::text)
                .reduce((first, second) -> first + " and " + second)
                .orElseThrow();
        boolean divides = sums.contains("/M");
        for (GroupIndex wrong : wrongGroups()) {
            String detail = "over " + wrong.text() + ", not " + norm.groups().text();
            add(Cause.WRONG_AXES, detail, sums, f -> f.sumOver(wrong));
            if (divides && wrong.size() != norm.size()) {
                add(Cause.WRONG_AXES, detail, sums.replace("/M", "") + ", but not M", f -> f.groups = wrong);
            }
            ElementStatistics other = ElementStatistics.of(statistic, eps, wrong, x);
            add(Cause.WRONG_AXES, detail, sums + " and " + NormFormula.measureText(statistic), f -> {
                f.sumOver(wrong);
                f.scale = other.scale();
                f.xHat(other.xHat());
            });
        }
    }

    private List<GroupIndex> wrongGroups() {
        Stream<GroupIndex> bySplit =
                switch (norm.spec().axes().kind()) {
                    case PER_CHANNEL, OVER, PER_EXAMPLE_AND_CHANNEL -> Stream.empty();
                    case PER_EXAMPLE_AND_GROUP -> {
                        int axis = norm.spec().axes().axes().get(0);
                        yield GroupIndex.bySplit(norm.shape(), axis < 0 ? axis + norm.shape().length : axis).stream();
                    }
                };
        return Stream.concat(GroupIndex.byAxes(norm.shape()).stream(), bySplit)
                .filter(groups -> !groups.sameAs(norm.groups()))
                .toList();
    }

    private void addWrongXHats() {
        if (statistic.b() == Term.ZERO) {
            return;
        }
        String term = NormFormula.text(statistic.b()).replace("Σ", "x̂·Σ").replace("/M", "");
        String power = " in place of x̂, as with s in place of s³ in " + slopeOfScale();
        add(
                Cause.WRONG_CACHE,
                (statistic.isCentered() ? "x − μ" : "x") + power,
                term,
                f -> f.xHat(statistics.centered()));
        add(Cause.WRONG_CACHE, "y in place of x̂", term, f -> f.xHat(norm.y()));
        if (statistic.isCentered()) {
            add(Cause.WRONG_CACHE, "x in place of x̂", term, f -> f.xHat(x));
            add(Cause.WRONG_CACHE, "x·s in place of x̂ = (x − μ)·s", term, f -> f.xHat(product(x, scale)));
        }
    }

    private void addGamma() {
        if (!norm.hasGamma()) {
            return;
        }
        add(Cause.GAMMA_MISSING, "", "g = γ·dy, not dy", f -> f.gamma = f.filled(1));
        if (norm.spec().unitOffset()) {
            add(Cause.GAMMA_WITHOUT_OFFSET, "", "g = (1 + γ)·dy", f -> f.gamma = map(norm.gamma(), gamma -> gamma - 1));
        }
    }

    /** What s may have been by mistake; x̂ is made with it again, or was kept from the forward pass. */
    private void addScales() {
        String q = NormFormula.measureText(statistic);
        double[] measure = statistics.measure();
        int m = norm.size();
        if (eps > 0 || statistic.isGiven()) {
            addScale(Cause.EPS_MISSING, "", statistics.scale(0));
        }
        if (statistic.scale() == Scale.INVERSE_ROOT) {
            addScale(Cause.EPS_OUTSIDE_ROOT, "", map(measure, v -> 1 / (Math.sqrt(v) + eps)));
            addWrongScale("√(" + q + "+ε)", s -> 1 / s);
            addWrongScale(q + "+ε", s -> 1 / (s * s));
            addWrongScale("1/(" + q + "+ε)", s -> s * s);
        } else {
            addWrongScale(q + "+ε", s -> 1 / s);
            addWrongScale("1/(" + q + "+ε)²", s -> s * s);
        }
        addWrongScale("1", s -> 1);
        switch (statistic.measure()) {
            case SUM_OF_VALUES, GIVEN_VARIANCE -> {}
            case SUM_OF_SQUARES ->
                addScale(Cause.WRONG_COUNT, "a mean in place of Σx²", map(measure, v -> scaleOf(v / m)));
            case MEAN_OF_SQUARES -> {
                if (statistic.isCentered() && m > 1) {
                    addScale(Cause.UNBIASED_VARIANCE, "", map(measure, v -> scaleOf(v * m / (m - 1))));
                } else if (!statistic.isCentered()) {
                    addScale(Cause.WRONG_COUNT, "Σx² is not divided by M", map(measure, v -> scaleOf(v * m)));
                }
            }
        }
    }

    private double scaleOf(double q) {
        return statistic.scale().of(q, eps);
    }

    private void addScale(Cause cause, String detail, double... wrong) {
        String separator = detail.isEmpty() ? "" : "; ";
        add(cause, detail, scaleText, f -> {
            f.scale = wrong;
            f.xHat(product(statistics.centered(), wrong));
        });
        add(cause, detail + separator + "x̂ being right", scaleText, f -> f.scale = wrong);
    }

    private void addWrongScale(String what, DoubleUnaryOperator wrong) {
        add(Cause.WRONG_CACHE, what + " in place of s", scaleText, f -> f.scale = map(scale, wrong));
    }

    /** The formula of LayerNorm, or its mean, where nothing is subtracted. */
    private void addSuperfluousMeans() {
        ElementStatistics layerNorm = ElementStatistics.of(Statistic.MEAN_VARIANCE, eps, norm.groups(), x);
        String term = "c = 0: no mean belongs here";
        Cause cause = Cause.SUPERFLUOUS_MEAN;
        Consumer<NormFormula> meanOfG = f -> f.a = Term.MEAN_OF_G;
        Consumer<NormFormula> centered = f -> f.xHat(product(layerNorm.centered(), f.scale));
        Consumer<NormFormula> standardized = f -> {
            f.scale = layerNorm.scale();
            f.xHat(layerNorm.xHat());
        };
        if (statistic.a() == Term.ZERO) {
            add(cause, "Σg/M from g", term, meanOfG);
            add(cause, "Σg/M from g and μ from x", term, meanOfG.andThen(centered));
            add(cause, "the backward pass of LayerNorm", term, meanOfG.andThen(standardized));
        }
        add(cause, "μ from x", term, centered);
        add(cause, "μ from x, and s = 1/√(σ²+ε)", term, standardized);
    }

    /** The training formula where statistics are given, with x̂ and s from them or from the batch. */
    private void addTrainingFormulas() {
        // Without known statistics, the axes are not known for certain either.
        List<GroupIndex> possible = norm.known() ? List.of(norm.groups()) : GroupIndex.byAxes(norm.shape());
        for (GroupIndex groups : possible) {
            ElementStatistics batch = ElementStatistics.of(Statistic.MEAN_VARIANCE, eps, groups, x);
            String terms = "−s·Σg/M and −s·x̂·Σ(g·x̂)/M do not belong here";
            Consumer<NormFormula> formula = f -> {
                f.sumOver(groups);
                f.a = Statistic.MEAN_VARIANCE.a();
                f.b = Statistic.MEAN_VARIANCE.b();
            };
            Cause cause = Cause.TRAINING_FORMULA_IN_INFERENCE;
            add(cause, "", terms, formula);
            add(cause, "with the statistics of the batch", terms, formula.andThen(f -> {
                f.xHat(batch.xHat());
                f.scale = batch.scale();
            }));
            add(cause, "with x̂ of the batch", terms, formula.andThen(f -> f.xHat(batch.xHat())));
            add(cause, "its path through the mean", terms, formula.andThen(f -> f.factorOfB = f.filled(0)));
            add(cause, "its path through the variance", terms, formula.andThen(f -> f.factorOfA = f.filled(0)));
        }
    }

    private static double[] map(double[] values, DoubleUnaryOperator f) {
        return Arrays.stream(values).map(f).toArray();
    }

    private static double[] product(double[] a, double... b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
    }
}
