package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.report.Format;
import io.github.dl4jnorm.benchmarks.report.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What is wanted of our kernels. */
public final class KernelTargets {
    /** Arrays of so many numbers (32 MiB) are beyond the cache. */
    private static final int BEYOND_CACHE = 1 << 23;

    private final List<KernelRow> rows;

    private KernelTargets(List<KernelRow> rows) {
        this.rows = rows;
    }

    /**
     * Compares with what was measured.
     *
     * @param rows what was measured
     * @return the targets
     */
    public static List<Target> of(List<KernelRow> rows) {
        return new KernelTargets(rows).all();
    }

    private record Ratio(KernelRow row, double value) {
        String where() {
            return row.workload().title() + " " + row.phase().title();
        }
    }

    private List<Target> all() {
        List<Target> targets = new ArrayList<>();
        targets.add(mean("vector / PyTorch, geometric mean", Contender.VECTOR, Contender.PYTORCH, 0.6));
        Optional<Ratio> worst = worst(ratios(Contender.VECTOR, Contender.PYTORCH, this::isOneWay));
        targets.add(Target.atMost(
                "vector / PyTorch, worst",
                value(worst),
                1,
                worst.map(Ratio::where).orElse("")));
        targets.add(meanOfFast("vector / oneDNN, geometric mean", Contender.ONEDNN));
        targets.add(meanOfFast("vector / oneDNN in its own layout, geometric mean", Contender.ONEDNN_OWN_LAYOUT));
        targets.add(mean("scalar / PyTorch, geometric mean", Contender.SCALAR, Contender.PYTORCH, 1));
        targets.add(copy(Phase.FORWARD, 1.5));
        targets.add(copy(Phase.BACKWARD, 2.2));
        targets.add(Target.atLeast(
                "built-in / vector, BN [64,64,56,56] both",
                value(worst(ratios(
                        Contender.BUILTIN,
                        Contender.VECTOR,
                        row -> row.workload() == Workload.BN_64_64_56_56 && row.phase() == Phase.BOTH))),
                60,
                ""));
        // Forward and backward in turn are two calls.
        Optional<Ratio> heap = worst(rows.stream()
                .filter(this::isOneWay)
                .map(row -> new Ratio(row, row.of(Contender.VECTOR).bytes().median()))
                .filter(ratio -> !Double.isNaN(ratio.value))
                .toList());
        targets.add(Target.atMost(
                "heap bytes per call, most",
                value(heap),
                4096,
                heap.map(Ratio::where).orElse("")));
        return targets;
    }

    private boolean isOneWay(KernelRow row) {
        return row.phase() != Phase.BOTH;
    }

    private List<Ratio> ratios(Contender contender, Contender to, Predicate<KernelRow> which) {
        return rows.stream()
                .filter(which)
                .map(row -> new Ratio(row, row.ratio(contender, to).median()))
                .filter(ratio -> !Double.isNaN(ratio.value))
                .toList();
    }

    private static Optional<Ratio> worst(List<Ratio> ratios) {
        return ratios.stream().max(Comparator.comparingDouble(Ratio::value));
    }

    private static double value(Optional<Ratio> ratio) {
        return ratio.map(Ratio::value).orElse(Double.NaN);
    }

    private static double geometricMean(List<Ratio> ratios) {
        return Math.exp(ratios.stream()
                .mapToDouble(ratio -> Math.log(ratio.value))
                .average()
                .orElse(Double.NaN));
    }

    /** Over forward and backward of all workloads that both compute. */
    private Target mean(String name, Contender contender, Contender to, double most) {
        return mean(name, contender, to, most, this::isOneWay);
    }

    /** The same without what oneDNN has no fast code for: its backward GroupNorm is its reference code. */
    private Target meanOfFast(String name, Contender to) {
        return mean(
                name + " without GN and IN",
                Contender.VECTOR,
                to,
                1,
                row -> isOneWay(row)
                        && row.workload().kind() != Kind.GROUP
                        && row.workload().kind() != Kind.INSTANCE);
    }

    private Target mean(String name, Contender contender, Contender to, double most, Predicate<KernelRow> which) {
        List<Ratio> ratios = ratios(contender, to, which);
        return Target.atMost(name, geometricMean(ratios), most, "of " + ratios.size() + " forward and backward passes");
    }

    private Target copy(Phase phase, double most) {
        List<Ratio> ratios = ratios(
                Contender.VECTOR,
                Contender.COPY,
                row -> row.phase() == phase && row.workload().length() >= BEYOND_CACHE);
        Optional<Ratio> worst = worst(ratios);
        return Target.atMost(
                "vector / copy beyond the cache, " + phase.title() + ", worst",
                value(worst),
                most,
                worst.map(Ratio::where).orElse("") + "; geometric mean " + Format.number(geometricMean(ratios)));
    }
}
