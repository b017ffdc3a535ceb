package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The backward pass of x/s with s = Σx + ε: dx = dy/s − a·Σ(dy·y)/s, where a = 1. */
final class SumBackward implements Backward {
    private static final String PATH = "−Σ(dy·y)/s";

    private final NormStructure norm;
    private double[] invSum;
    private double[] value;
    private double[] pathInvSum;
    private double path = 1;
    private Partition sums;

    SumBackward(NormStructure norm) {
        this.norm = norm;
        invSum = norm.scale();
        pathInvSum = norm.scale();
        value = product(norm.x(), norm.scale());
        sums = norm.partition();
    }

    @Override
    public Backward fresh() {
        return new SumBackward(norm);
    }

    @Override
    public Matrix jacobian() {
        int n = value.length;
        return Matrix.of(
                n, n, (i, j) -> (i == j ? invSum[j] : 0) - (sums.together(i, j) ? path * value[i] * pathInvSum[j] : 0));
    }

    @Override
    public String formula() {
        return "dx = (dy − Σ(dy·y))/s with y = x/s and s = Σx" + (norm.eps() == 0 ? "" : " + ε");
    }

    @Override
    public List<Mistake> mistakes() {
        List<Mistake> all = new ArrayList<>();
        add(all, Cause.SUM_PATH_MISSING, "", PATH, b -> b.path = 0);
        add(all, Cause.SUM_PATH_WRONG, "its sign", PATH, b -> b.path = -1);
        add(
                all,
                Cause.SUM_PATH_WRONG,
                "a mean in place of Σ(dy·y): ∂s/∂x is 1, not 1/" + norm.size(),
                PATH,
                b -> b.path = 1.0 / norm.size());
        double[] square = product(norm.scale(), norm.scale());
        add(all, Cause.SUM_PATH_WRONG, "−1/s in place of −x/s²: x is missing", PATH, b -> {
            b.value = ones();
            b.pathInvSum = norm.scale();
        });
        add(all, Cause.SUM_PATH_WRONG, "1/s in place of 1/s²", "−Σ(dy·x)/s²", b -> b.value = norm.x());
        add(all, Cause.SUM_PATH_WRONG, "1/s³ in place of 1/s²", "−Σ(dy·x)/s²", b -> b.pathInvSum = square);
        add(all, Cause.SUM_PATH_WRONG, "it is not divided by s", PATH, b -> b.pathInvSum = ones());
        add(all, Cause.WRONG_CACHE, "1 in place of 1/s", "1/s", b -> {
            b.invSum = ones();
            b.pathInvSum = ones();
        });
        addEps(all);
        for (Partition wrong : Partition.all(norm.shape())) {
            String detail =
                    "over " + wrong.describe() + ", not " + norm.partition().describe();
            add(all, Cause.WRONG_AXES, detail, "Σ(dy·y)", b -> b.sums = wrong);
            add(all, Cause.WRONG_AXES, detail, "Σx and Σ(dy·y)", b -> {
                b.sums = wrong;
                b.invSum = inverseSums(wrong, norm.eps());
                b.pathInvSum = b.invSum;
                b.value = product(norm.x(), b.invSum);
            });
        }
        return all;
    }

    private void addEps(List<Mistake> all) {
        double[] without = inverseSums(norm.partition(), 0);
        add(all, Cause.EPS_MISSING, "", "s = Σx + ε", b -> {
            b.invSum = without;
            b.pathInvSum = without;
            b.value = product(norm.x(), without);
        });
        add(all, Cause.EPS_MISSING, "y being right", "s = Σx + ε", b -> {
            b.invSum = without;
            b.pathInvSum = without;
        });
    }

    private static void add(List<Mistake> all, Cause cause, String detail, String term, Consumer<SumBackward> edit) {
        all.add(new Mistake(cause, detail, term, backward -> edit.accept((SumBackward) backward)));
    }

    private double[] inverseSums(Partition partition, double eps) {
        return Arrays.stream(partition.means(norm.x()))
                .map(mean -> 1 / (mean * partition.size() + eps))
                .toArray();
    }

    private double[] ones() {
        double[] ones = new double[value.length];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static double[] product(double[] a, double... b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).toArray();
    }
}
