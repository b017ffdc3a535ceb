package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The training formula where statistics are given, with x̂ and s from them or from the batch. */
final class InferenceMistakes {
    static final String TERMS = "−s·Σg/M and −s·x̂·Σ(g·x̂)/M do not belong here";

    private InferenceMistakes() {}

    static void addTo(NormMistakes mistakes) {
        NormStructure norm = mistakes.norm;
        // Without known statistics, the axes are not known for certain either.
        List<GroupIndex> possible = norm.known() ? List.of(norm.groups()) : GroupIndex.byAxes(norm.shape());
        for (GroupIndex groups : possible) {
            ElementStatistics batch =
                    ElementStatistics.of(Statistic.MEAN_VARIANCE, norm.spec().eps(), groups, norm.x());
            double[] xHat = norm.statistics().xHat();
            double[] means = groups.means(xHat);
            double[] aroundMean = IntStream.range(0, xHat.length)
                    .mapToDouble(i -> xHat[i] - means[i])
                    .toArray();
            Consumer<NormFormula> formula = f -> {
                f.sumOver(groups);
                f.a = Statistic.MEAN_VARIANCE.a();
                f.b = Statistic.MEAN_VARIANCE.b();
            };
            add(mistakes, "", formula);
            add(mistakes, "with the statistics of the batch", formula.andThen(f -> {
                f.xHat(batch.xHat());
                f.scale = batch.scale();
            }));
            add(mistakes, "with x̂ of the batch", formula.andThen(f -> f.xHat(batch.xHat())));
            // σ² depends on μ: that term is zero only for a mean that is the batch's.
            add(mistakes, "with dσ²·Σ(−2(x−μ))/M in dμ", formula.andThen(f -> f.xHat = aroundMean));
            add(mistakes, "its path through the mean", formula.andThen(f -> f.factorOfB = f.filled(0)));
            add(mistakes, "its path through the variance", formula.andThen(f -> f.factorOfA = f.filled(0)));
        }
    }

    private static void add(NormMistakes mistakes, String detail, Consumer<NormFormula> edit) {
        mistakes.add(Cause.TRAINING_FORMULA_IN_INFERENCE, detail, TERMS, edit);
    }
}
