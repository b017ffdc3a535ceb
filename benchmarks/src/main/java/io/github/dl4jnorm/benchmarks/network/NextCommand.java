package io.github.dl4jnorm.benchmarks.network;

import io.github.dl4jnorm.benchmarks.measure.Effort;
import io.github.dl4jnorm.benchmarks.measure.Launch;
import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Rounds;
import io.github.dl4jnorm.benchmarks.measure.Series;
import io.github.dl4jnorm.benchmarks.measure.Worker;
import io.github.dl4jnorm.benchmarks.report.Format;
import io.github.dl4jnorm.benchmarks.report.Machine;
import io.github.dl4jnorm.benchmarks.report.Markdown;
import io.github.dl4jnorm.cli.NonNegativeInt;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What helper threads that look for work do to a convolution that follows a normalization. */
@Command(
        name = "next",
        mixinStandardHelpOptions = true,
        description =
                "Times a convolution alone, one behind a normalization, and both together, for several times that "
                        + "our helper threads look for work before they sleep.")
public final class NextCommand implements Callable<Integer> {
    private static final String PROPERTY = "dl4jnorm.spinMicros";

    @Option(
            names = "--spin-micros",
            split = ",",
            converter = NonNegativeInt.class,
            description = "Microseconds. Default: ${DEFAULT-VALUE}.")
    private List<Integer> spins = List.of(0, 20, 100, 500);

    @Option(names = "--rounds", description = "Rounds. Default: ${DEFAULT-VALUE}.")
    private int rounds = 25;

    @Option(names = "--threads", description = "Threads. Default: all processors.")
    private int threads = Runtime.getRuntime().availableProcessors();

    private final Class<?> main;

    /**
     * The command.
     *
     * @param main main class of the processes
     */
    public NextCommand(Class<?> main) {
        this.main = main;
    }

    @Override
    public Integer call() {
        Map<Integer, Worker> workers = new LinkedHashMap<>();
        try {
            for (int spin : spins) {
                Launch launch =
                        Launch.dl4j(threads, "--add-modules=jdk.incubator.vector", "-D" + PROPERTY + "=" + spin);
                Worker worker = new Worker(PROPERTY + "=" + spin, launch, main);
                workers.put(spin, worker);
                worker.prepare("network", "next");
            }
            Effort effort = new Effort(Math.min(1, rounds * 0.05), 0.1, rounds, 0.05);
            Map<Integer, Series> alone = Rounds.run(workers, Phase.ALONE, effort);
            Map<Integer, Series> next = Rounds.run(workers, Phase.NEXT, effort);
            Map<Integer, Series> both = Rounds.run(workers, Phase.BOTH, effort);
            System.out.print(Machine.here(threads) + "\nMedian milliseconds (quartiles)\n\n"
                    + Markdown.head(List.of(
                            PROPERTY,
                            "convolution alone",
                            "behind a normalization",
                            "behind / alone",
                            "normalization and convolution",
                            "this / that of the first line")));
            for (int spin : spins) {
                System.out.print(Markdown.row(List.of(
                        Integer.toString(spin),
                        Format.spread(alone.get(spin).milliseconds()),
                        Format.spread(next.get(spin).milliseconds()),
                        Format.spread(next.get(spin).ratioTo(alone.get(spin))),
                        Format.spread(both.get(spin).milliseconds()),
                        Format.spread(both.get(spin).ratioTo(both.get(spins.get(0)))))));
            }
            return 0;
        } finally {
            workers.values().forEach(Worker::close);
        }
    }
}
