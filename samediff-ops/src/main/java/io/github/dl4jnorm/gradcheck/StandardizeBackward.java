package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * The backward pass of (x−μ)·r: dx = r·(g − a·Σg/M − b·x̂·Σ(g·x̂)/M) with g = γ·dy, where a = b = 1 in training and
 * a = b = 0 with given statistics.
 */
final class StandardizeBackward implements Backward {
    private static final String R = "r = 1/√(σ²+ε)";

    private final NormStructure norm;
    private double[] gamma;
    private double[] invStd;
    private double[] xHat;
    private double meanPath;
    private double[] variancePath;
    private double count;
    private Partition sums;
    private boolean gammaAfterSums;

    StandardizeBackward(NormStructure norm) {
        this.norm = norm;
        gamma = norm.gamma();
        invStd = norm.scale();
        xHat = norm.xHat();
        sums = norm.partition();
        count = sums.size();
        paths(training() ? 1 : 0);
    }

    private boolean training() {
        return norm.kind() == Statistic.MEAN_VARIANCE;
    }

    private void paths(double factor) {
        meanPath = factor;
        variancePath(factor);
    }

    private void variancePath(double factor) {
        variancePath = new double[xHat.length];
        Arrays.fill(variancePath, factor);
    }

    @Override
    public Backward fresh() {
        return new StandardizeBackward(norm);
    }

    @Override
    public Matrix jacobian() {
        int n = xHat.length;
        return Matrix.of(n, n, (i, j) -> {
            double derivative = i == j ? 1 : 0;
            if (sums.together(i, j)) {
                derivative -= (meanPath + variancePath[j] * xHat[i] * xHat[j]) / count;
            }
            return (gammaAfterSums ? gamma[j] : gamma[i]) * invStd[j] * derivative;
        });
    }

    @Override
    public String formula() {
        return training()
                ? "dx = r·(g − Σg/M − x̂·Σ(g·x̂)/M) with g = γ·dy and " + R
                : "dx = γ·r·dy with " + R + " from the given σ²";
    }

    @Override
    public List<Mistake> mistakes() {
        List<Mistake> all = new ArrayList<>();
        if (training()) {
            addPaths(all);
            addCounts(all);
            addAxes(all);
            addWrongXHats(all);
            add(all, Cause.GAMMA_AFTER_SUMS, "", "γ belongs into the sums: g = γ·dy", b -> b.gammaAfterSums = true);
        } else {
            addTrainingFormulas(all);
        }
        add(all, Cause.GAMMA_MISSING, "", "g = γ·dy, not dy", b -> Arrays.fill(b.gamma = new double[gamma.length], 1));
        addStatistics(all);
        return all;
    }

    private static void add(
            List<Mistake> all, Cause cause, String detail, String term, Consumer<StandardizeBackward> edit) {
        all.add(new Mistake(cause, detail, term, backward -> edit.accept((StandardizeBackward) backward)));
    }

    private void addPaths(List<Mistake> all) {
        String mean = "−r·Σg/M";
        String variance = "−r·x̂·Σ(g·x̂)/M";
        add(all, Cause.MEAN_PATH_MISSING, "", mean, b -> b.meanPath = 0);
        add(all, Cause.VARIANCE_PATH_MISSING, "", variance, b -> b.variancePath(0));
        add(all, Cause.INFERENCE_FORMULA_IN_TRAINING, "", mean + " " + variance, b -> b.paths(0));
        add(all, Cause.MEAN_PATH_WRONG, "its sign", mean, b -> b.meanPath = -1);
        add(all, Cause.MEAN_PATH_WRONG, "twice what it should be", mean, b -> b.meanPath = 2);
        add(all, Cause.VARIANCE_PATH_WRONG, "its sign", variance, b -> b.variancePath(-1));
        add(
                all,
                Cause.VARIANCE_PATH_WRONG,
                "twice what it should be: ∂r/∂σ² = −½·r³, with the ½",
                variance,
                b -> b.variancePath(2));
        add(
                all,
                Cause.VARIANCE_PATH_WRONG,
                "half of what it should be: ∂σ²/∂x = 2(x−μ)/M, with the 2",
                variance,
                b -> b.variancePath(0.5));
        add(
                all,
                Cause.VARIANCE_PATH_WRONG,
                "r² in place of r³: ∂r/∂σ² = −½·r³",
                variance,
                b -> b.variancePath = map(invStd, r -> 1 / r));
    }

    private void addCounts(List<Mistake> all) {
        Map<Integer, String> counts = Counts.of(norm.shape());
        counts.putIfAbsent(norm.size() - 1, "M − 1");
        String right =
                "M = " + norm.size() + ", the size of " + norm.partition().describe();
        counts.forEach((wrong, name) -> {
            String detail = "by " + wrong + ", " + name + ", in place of " + right;
            if (wrong != norm.size() && wrong > 0) {
                add(all, Cause.WRONG_COUNT, detail, "Σg/M and x̂·Σ(g·x̂)/M", b -> b.count = wrong);
                add(
                        all,
                        Cause.WRONG_COUNT,
                        detail,
                        "r/M before (M·g − Σg − x̂·Σ(g·x̂))",
                        b -> b.invStd = map(invStd, r -> r * norm.size() / wrong));
            }
        });
    }

    private void addAxes(List<Mistake> all) {
        for (Partition wrong : Partition.all(norm.shape())) {
            String detail =
                    "over " + wrong.describe() + ", not " + norm.partition().describe();
            add(all, Cause.WRONG_AXES, detail, "Σg/M and Σ(g·x̂)/M", b -> {
                b.sums = wrong;
                b.count = wrong.size();
            });
            add(all, Cause.WRONG_AXES, detail, "Σg and Σ(g·x̂), but not M", b -> b.sums = wrong);
        }
    }

    private void addWrongXHats(List<Mistake> all) {
        String term = "x̂·Σ(g·x̂)";
        add(
                all,
                Cause.WRONG_CACHE,
                "x − μ in place of x̂, as with r in place of r³ in ∂r/∂σ² = −½·r³",
                term,
                b -> b.xHat = norm.centred());
        add(all, Cause.WRONG_CACHE, "x in place of x̂", term, b -> b.xHat = norm.x());
        add(all, Cause.WRONG_CACHE, "y in place of x̂", term, b -> b.xHat = norm.y());
    }

    /** What r may have been by mistake; x̂ is made with it again, or was kept from the forward pass. */
    private void addStatistics(List<Mistake> all) {
        double[] variance = norm.variance();
        int m = norm.size();
        addInvStd(all, Cause.EPS_MISSING, map(variance, v -> 1 / Math.sqrt(v)));
        addInvStd(all, Cause.EPS_OUTSIDE_ROOT, map(variance, v -> 1 / (Math.sqrt(v) + norm.eps())));
        if (training() && m > 1) {
            addInvStd(all, Cause.UNBIASED_VARIANCE, map(variance, v -> 1 / Math.sqrt(v * m / (m - 1) + norm.eps())));
        }
        addWrongInvStd(all, "√(σ²+ε)", r -> 1 / r);
        addWrongInvStd(all, "σ²+ε", r -> 1 / (r * r));
        addWrongInvStd(all, "1/(σ²+ε)", r -> r * r);
        addWrongInvStd(all, "1", r -> 1);
    }

    private void addInvStd(List<Mistake> all, Cause cause, double... wrong) {
        add(all, cause, "", R, b -> {
            b.invStd = wrong;
            b.xHat = product(norm.centred(), wrong);
        });
        add(all, cause, "x̂ being right", R, b -> b.invStd = wrong);
    }

    private void addWrongInvStd(List<Mistake> all, String what, DoubleUnaryOperator wrong) {
        add(all, Cause.WRONG_CACHE, what + " in place of r", R, b -> b.invStd = map(invStd, wrong));
    }

    /** The training formula where statistics are given, with x̂ and r from them or from the batch. */
    private void addTrainingFormulas(List<Mistake> all) {
        // Without known statistics, the axes are not known for certain either.
        List<Partition> partitions = norm.eps() > 0 ? List.of(norm.partition()) : Partition.all(norm.shape());
        for (Partition partition : partitions) {
            double[] batchInvStd = map(partition.variances(norm.x()), v -> 1 / Math.sqrt(v + norm.eps()));
            double[] batchMean = partition.means(norm.x());
            double[] batchXHat = IntStream.range(0, batchMean.length)
                    .mapToDouble(i -> (norm.x()[i] - batchMean[i]) * batchInvStd[i])
                    .toArray();
            String terms = "−γ·r·Σdy/M and −γ·r·x̂·Σ(dy·x̂)/M do not belong here";
            Consumer<StandardizeBackward> formula = b -> {
                b.sums = partition;
                b.count = partition.size();
                b.paths(1);
            };
            Cause cause = Cause.TRAINING_FORMULA_IN_INFERENCE;
            add(all, cause, "", terms, formula);
            add(all, cause, "with the statistics of the batch", terms, formula.andThen(b -> {
                b.xHat = batchXHat;
                b.invStd = batchInvStd;
            }));
            add(all, cause, "with x̂ of the batch", terms, formula.andThen(b -> b.xHat = batchXHat));
            add(all, cause, "its path through the mean", terms, formula.andThen(b -> b.variancePath(0)));
            add(all, cause, "its path through the variance", terms, formula.andThen(b -> b.meanPath = 0));
        }
    }

    private static double[] map(double[] values, DoubleUnaryOperator f) {
        return Arrays.stream(values).map(f).toArray();
    }

    private static double[] product(double[] a, double... b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
    }
}
