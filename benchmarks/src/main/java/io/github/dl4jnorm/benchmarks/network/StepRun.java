package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.benchmarks.measure.Effort;
import io.github.dl4jnorm.benchmarks.measure.Launch;
import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Rounds;
import io.github.dl4jnorm.benchmarks.measure.Series;
import io.github.dl4jnorm.benchmarks.measure.Spread;
import io.github.dl4jnorm.benchmarks.measure.Worker;
import io.github.dl4jnorm.benchmarks.report.Format;
import io.github.dl4jnorm.benchmarks.report.Markdown;
import io.github.dl4jnorm.benchmarks.report.Target;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Measures training steps, each in a process of its own, in turn. */
public final class StepRun {
    /** OpenBLAS's threads look for work for tens of milliseconds. */
    private static final double PAUSE_SECONDS = 0.05;

    private final Map<Step, Series> times = new EnumMap<>(Step.class);
    private final int threads;
    private final Class<?> main;

    /**
     * Nothing measured yet.
     *
     * @param threads threads for each
     * @param main main class of the processes
     */
    public StepRun(int threads, Class<?> main) {
        this.threads = threads;
        this.main = main;
    }

    /**
     * Measures.
     *
     * @param rounds rounds of the CNN; a quarter of them for SameDiff
     * @param forks how often the CNN's processes are started anew, for what differs from start to start
     */
    public void measure(int rounds, int forks) {
        for (int fork = 0; fork < forks; fork++) {
            measure(Step::isCnn, (rounds + forks - 1) / forks);
        }
        measure(step -> !step.isCnn(), (rounds + 3) / 4);
    }

    private void measure(Predicate<Step> which, int rounds) {
        Map<Step, Worker> workers = new EnumMap<>(Step.class);
        try {
            Stream.of(Step.values()).filter(which).forEach(step -> {
                System.err.println(step.title());
                Launch launch = Launch.dl4j(threads, "--add-modules=jdk.incubator.vector");
                Worker worker = new Worker(step.title(), launch, main);
                workers.put(step, worker);
                worker.prepare("network", "step", step.name());
            });
            // One call takes longer than a slice, and so is a sample.
            Effort effort = new Effort(rounds < 3 ? 0 : 3, 0.01, rounds, PAUSE_SECONDS);
            Rounds.runAll(workers, Phase.STEP, effort)
                    .forEach((step, series) ->
                            times.computeIfAbsent(step, s -> new Series()).append(series));
        } finally {
            workers.values().forEach(Worker::close);
        }
    }

    /**
     * Times and what the norm adds.
     *
     * @return Markdown
     */
    public String table() {
        StringBuilder table =
                new StringBuilder("\n").append(Markdown.head(List.of("training step", "ms (quartiles)", "samples")));
        times.forEach((step, series) -> {
            Spread time = series.milliseconds();
            table.append(Markdown.row(List.of(step.title(), Format.spread(time), Integer.toString(time.count()))));
        });
        table.append("\nBatchNorm adds to the CNN's step:\n\n");
        for (Step step : List.of(Step.CNN_BUILTIN, Step.CNN_OURS, Step.CNN_FUSED)) {
            table.append("* ")
                    .append(step.title())
                    .append(": ")
                    .append(Format.percentMore(ratio(step, Step.CNN_NONE)))
                    .append('\n');
        }
        double bare = median(Step.SAMEDIFF_NONE);
        table.append("\nSameDiff: composed / ours = ")
                .append(Format.spread(ratio(Step.SAMEDIFF_COMPOSED, Step.SAMEDIFF_OURS)))
                .append("; of BatchNorm's own share ")
                .append(Format.number((median(Step.SAMEDIFF_COMPOSED) - bare) / (median(Step.SAMEDIFF_OURS) - bare)))
                .append('\n');
        return table.toString();
    }

    /**
     * What is wanted.
     *
     * @return the targets
     */
    public List<Target> targets() {
        return List.of(share(Step.CNN_OURS), share(Step.CNN_FUSED));
    }

    /** The part of a step that would be saved without norm. */
    private Target share(Step step) {
        Spread rest = ratio(Step.CNN_NONE, step);
        return Target.atMost(
                "BatchNorm's share of the step in percent, " + step.title(),
                100 * (1 - rest.median()),
                4,
                String.format(
                        Locale.ROOT,
                        "95 %%: %.1f to %.1f",
                        100 * (1 - rest.upperBound()),
                        100 * (1 - rest.lowerBound())));
    }

    private Spread ratio(Step step, Step to) {
        return times.getOrDefault(step, new Series()).ratioTo(times.getOrDefault(to, new Series()));
    }

    private double median(Step step) {
        return times.getOrDefault(step, new Series()).milliseconds().median();
    }
}
