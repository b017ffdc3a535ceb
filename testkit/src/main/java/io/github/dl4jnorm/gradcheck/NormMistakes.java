package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** What people get wrong in dx = s·(g − A − x̂·B), as edits of a {@link NormFormula}, for any statistic. */
final class NormMistakes {
    /** The cost of a mistake that is seldom made, and often gives the same as a plainer one. */
    static final double RARE = 1.2;

    final NormStructure norm;
    final Statistic statistic;
    private final List<Mistake> all = new ArrayList<>();

    private NormMistakes(NormStructure norm) {
        this.norm = norm;
        this.statistic = norm.statistic();
    }

    /** All that somebody may have done in the backward pass of a normalization. */
    static List<Mistake> of(NormStructure norm) {
        NormMistakes mistakes = new NormMistakes(norm);
        if (norm.statistic().isGiven()) {
            InferenceMistakes.addTo(mistakes);
        } else {
            PathMistakes.addTo(mistakes);
            CountMistakes.addTo(mistakes);
            GroupMistakes.addTo(mistakes);
            XHatMistakes.addTo(mistakes);
        }
        GammaMistakes.addTo(mistakes);
        ActivationMistakes.addTo(mistakes);
        ScaleMistakes.addTo(mistakes);
        if (!norm.statistic().isGiven() && !norm.statistic().isCentered()) {
            SuperfluousMeans.addTo(mistakes);
        }
        return mistakes.all;
    }

    void add(Cause cause, String detail, String term, Consumer<NormFormula> edit) {
        add(cause, detail, term, 1, edit);
    }

    void add(Cause cause, String detail, String term, double cost, Consumer<NormFormula> edit) {
        all.add(new Mistake(cause, detail, term, cost, formula -> edit.accept((NormFormula) formula)));
    }

    static double[] map(double[] values, DoubleUnaryOperator f) {
        return Arrays.stream(values).map(f).toArray();
    }

    static double[] product(double[] a, double... b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
    }
}
