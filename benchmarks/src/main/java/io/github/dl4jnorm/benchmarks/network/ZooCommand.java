package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.benchmarks.measure.Effort;
import io.github.dl4jnorm.benchmarks.measure.Launch;
import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Rounds;
import io.github.dl4jnorm.benchmarks.measure.Series;
import io.github.dl4jnorm.benchmarks.measure.Spread;
import io.github.dl4jnorm.benchmarks.measure.Worker;
import io.github.dl4jnorm.benchmarks.report.Format;
import io.github.dl4jnorm.benchmarks.report.Machine;
import io.github.dl4jnorm.benchmarks.report.Markdown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Networks of DL4J's model zoo before and after, each in a process of its own, in turn. */
@Command(
        name = "zoo",
        mixinStandardHelpOptions = true,
        description = "Time per training step and per inference, and memory, of networks of DL4J's model zoo: "
                + "as they are, with BatchNorm in the place of DL4J's layers, and with the layers folded.")
public final class ZooCommand implements Callable<Integer> {
    private static final double GIB = 1L << 30;
    private static final double PAUSE_SECONDS = 0.05;

    @Option(names = "--models", split = ",", description = "${COMPLETION-CANDIDATES}. Default: all.")
    private List<ZooModel> models = Arrays.asList(ZooModel.values());

    @Option(names = "--runs", description = "Rounds, after two calls to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs = 11;

    @Option(names = "--threads", description = "Threads. Default: all processors.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--scalar", description = "Without the vector API.")
    private boolean scalar;

    private final Class<?> main;

    /**
     * The command.
     *
     * @param main main class of the processes
     */
    public ZooCommand(Class<?> main) {
        this.main = main;
    }

    @Override
    public Integer call() {
        System.out.print(Machine.here(threads)
                + "\nMedian (quartiles); the factors are of the times of one round.\n\n"
                + Markdown.head(List.of(
                        "network",
                        "per",
                        "before, ms",
                        "replaced, ms",
                        "",
                        "folded, ms",
                        "",
                        "before, GiB",
                        "replaced, GiB",
                        "folded, GiB")));
        for (ZooModel model : models) {
            row(model, Phase.STEP, List.of(Change.NONE, Change.REPLACED));
            row(model, Phase.INFERENCE, List.of(Change.values()));
        }
        return 0;
    }

    private void row(ZooModel model, Phase phase, List<Change> changes) {
        Map<Change, Worker> workers = new EnumMap<>(Change.class);
        try {
            for (Change change : changes) {
                String kernels = "-Ddl4jnorm.kernels=" + (scalar ? "scalar" : "vector");
                Launch launch = scalar
                        ? Launch.dl4j(threads, kernels)
                        : Launch.dl4j(threads, "--add-modules=jdk.incubator.vector", kernels);
                Worker worker = new Worker(model.title(), launch, main);
                workers.put(change, worker);
                worker.prepare("network", "zoo", model.name(), change.name());
                worker.sample(phase, 0);
            }
            Map<Change, Series> times = Rounds.runAll(workers, phase, new Effort(0, 0, runs, PAUSE_SECONDS));
            List<String> cells = new ArrayList<>(List.of(model.title(), phase.title()));
            for (Change change : Change.values()) {
                Series series = times.getOrDefault(change, new Series());
                cells.add(Format.spread(series.milliseconds()));
                if (change != Change.NONE) {
                    Spread gain = times.get(Change.NONE).ratioTo(series);
                    cells.add(Format.spread(gain));
                }
            }
            for (Change change : Change.values()) {
                Worker worker = workers.get(change);
                cells.add(worker == null ? "" : String.format(Locale.ROOT, "%.1f", worker.memory() / GIB));
            }
            System.out.print(Markdown.row(cells));
        } finally {
            workers.values().forEach(Worker::close);
        }
    }
}
