package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.NormAxes;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Sums over other axes than those of the statistics, and what belongs to another group. */
final class GroupMistakes {
    private final NormMistakes mistakes;
    private final NormStructure norm;
    private final String sums;

    private GroupMistakes(NormMistakes mistakes) {
        this.mistakes = mistakes;
        this.norm = mistakes.norm;
        this.sums = Stream.of(mistakes.statistic.a(), mistakes.statistic.b())
                .filter(term -> term != Term.ZERO)
                .map(NormFormula::text)
                .reduce((first, second) -> first + " and " + second)
                .orElseThrow();
    }

    static void addTo(NormMistakes mistakes) {
        GroupMistakes groups = new GroupMistakes(mistakes);
        groups.addAxes();
        groups.otherGroups().forEach(groups::addOther);
    }

    private void addAxes() {
        boolean divides = sums.contains("/M");
        for (GroupIndex wrong : wrongGroups()) {
            String detail = "over " + wrong.text() + ", not " + norm.groups().text();
            mistakes.add(Cause.WRONG_AXES, detail, sums, f -> f.sumOver(wrong));
            if (divides && wrong.size() != norm.size()) {
                mistakes.add(Cause.WRONG_AXES, detail, sums.replace("/M", "") + ", but not M", f -> {
                    f.groups = wrong;
                    f.sumsOf = wrong.group();
                });
            }
            ElementStatistics other =
                    ElementStatistics.of(mistakes.statistic, norm.spec().eps(), wrong, norm.x());
            String term = sums + " and " + NormFormula.measureText(mistakes.statistic);
            mistakes.add(Cause.WRONG_AXES, detail, term, f -> {
                f.sumOver(wrong);
                f.scale = other.scale();
                f.scaleVaries = other.scaleVaries();
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

    /**
     * Groups that a wrong index leads to. Where groups are numbered along two axes, [b, s] is b·S + s: a kernel for
     * [N, D] that is given [B, S, D] may take b or s for that, or the first group of b.
     */
    private Map<String, int[]> otherGroups() {
        Map<String, int[]> all = new LinkedHashMap<>();
        int groups = norm.groups().groups();
        addOther(all, "the first group", g -> 0);
        int[] kept = IntStream.range(0, norm.shape().length)
                .filter(axis -> norm.shape()[axis] > 1)
                .filter(axis -> Arrays.stream(norm.groups().axes()).noneMatch(reduced -> reduced == axis))
                .toArray();
        boolean byAxes = norm.spec().axes().kind() != NormAxes.Kind.PER_EXAMPLE_AND_GROUP;
        if (byAxes && kept.length > 1) {
            int outer = (int) norm.shape()[kept[0]];
            int inner = groups / outer;
            String axis = "axis " + kept[0];
            addOther(all, "the first group of the same index along " + axis, g -> g / inner * inner);
            addOther(
                    all,
                    "the group with the same index along the other axes, but the first along " + axis,
                    g -> g % inner);
            addOther(all, "the group whose number is the index along " + axis, g -> g / inner);
        }
        return all;
    }

    private void addOther(Map<String, int[]> all, String name, IntUnaryOperator other) {
        int[] of = IntStream.range(0, norm.groups().groups()).map(other).toArray();
        boolean none = IntStream.range(0, of.length).allMatch(g -> of[g] == g);
        if (!none && all.values().stream().noneMatch(known -> Arrays.equals(known, of))) {
            all.put(name, of);
        }
    }

    private void addOther(String name, int... other) {
        int[] group = norm.groups().group();
        int[] sumsOf = Arrays.stream(group).map(g -> other[g]).toArray();
        ElementStatistics own = norm.statistics();
        double[] center = taken(own.center(), other);
        double[] scale = taken(own.scale(), other);
        double[] scaleVaries = taken(own.scaleVaries(), other);
        double[] xHat = IntStream.range(0, scale.length)
                .mapToDouble(i -> (norm.x()[i] - center[i]) * scale[i])
                .toArray();
        Consumer<NormFormula> otherSums = f -> {
            f.groups = norm.groups();
            f.sumsOf = sumsOf;
        };
        Consumer<NormFormula> otherStatistics = f -> {
            f.scale = scale;
            f.scaleVaries = scaleVaries;
            f.xHat(xHat);
        };
        String statistics = mistakes.statistic.isCentered() ? "the mean and s" : "s";
        mistakes.add(Cause.WRONG_GROUP, "the sums of " + name, sums, otherSums);
        mistakes.add(Cause.WRONG_GROUP, statistics + " of " + name, "x̂ and s", otherStatistics);
        mistakes.add(
                Cause.WRONG_GROUP,
                "the sums and " + statistics + " of " + name,
                sums + ", x̂ and s",
                otherStatistics.andThen(otherSums));
    }

    /** What each element gets, if its group's value is that of another one. */
    private double[] taken(double[] values, int... other) {
        int[] group = norm.groups().group();
        double[] perGroup = new double[norm.groups().groups()];
        for (int i = 0; i < values.length; i++) {
            perGroup[group[i]] = values[i];
        }
        return Arrays.stream(group).mapToDouble(g -> perGroup[other[g]]).toArray();
    }
}
