package io.github.dl4jnorm.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that measures networks of DL4J's model zoo before and after, each in a process of its own. */
@Command(
        name = "zoo",
        mixinStandardHelpOptions = true,
        version = "dl4j-norm 0.1.0",
        description = "Time per training step and per inference, and memory, of networks of DL4J's model zoo: "
                + "as they are, with BatchNorm in the place of DL4J's layers, and with the layers folded.")
public final class ZooBenchmarks implements Callable<Integer> {
    private static final double GIB = 1L << 30;

    @Option(names = "--models", split = ",", description = "${COMPLETION-CANDIDATES}. Default: all.")
    private List<ZooModel> models = Arrays.asList(ZooModel.values());

    @Option(
            names = "--runs",
            description = "Runs per number, after half as many to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs = 11;

    private ZooBenchmarks() {}

    /**
     * Runs the command.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ZooBenchmarks())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    /** Median milliseconds, and the most memory in GiB. */
    private record Result(double milliseconds, double gib) {}

    @Override
    public Integer call() throws RunnerException {
        System.out.printf(
                "%s%n%n| network | per | before, ms | replaced, ms | | folded, ms | | before, GiB | replaced, GiB | folded, GiB |%n"
                        + "|---|---|---|---|---|---|---|---|---|---|%n",
                Machine.here(Runtime.getRuntime().availableProcessors()));
        for (ZooModel model : models) {
            for (String phase : List.of("training", "inference")) {
                Result before = measure(model, ZooBenchmark.Change.NONE, phase);
                Result replaced = measure(model, ZooBenchmark.Change.REPLACED, phase);
                Result folded = phase.equals("inference") ? measure(model, ZooBenchmark.Change.FOLDED, phase) : null;
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %s | %.0f | %.0f | %s | %s | %s | %.1f | %.1f | %s |%n",
                        model.title(),
                        phase.equals("training") ? "training step" : phase,
                        before.milliseconds,
                        replaced.milliseconds,
                        times(before, replaced),
                        folded == null ? "" : String.format(Locale.ROOT, "%.0f", folded.milliseconds),
                        folded == null ? "" : times(before, folded),
                        before.gib,
                        replaced.gib,
                        folded == null ? "" : String.format(Locale.ROOT, "%.1f", folded.gib));
            }
        }
        return 0;
    }

    private static String times(Result before, Result after) {
        return String.format(Locale.ROOT, "%.2f×", before.milliseconds / after.milliseconds);
    }

    private Result measure(ZooModel model, ZooBenchmark.Change change, String phase) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(Pattern.quote(ZooBenchmark.class.getName() + "." + phase))
                .param("model", model.name())
                .param("change", change.name())
                .forks(1)
                .warmupIterations(Math.max(1, runs / 2))
                .measurementIterations(runs)
                .addProfiler(ResidentMemory.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .jvmArgs(
                        "--add-modules=jdk.incubator.vector",
                        "-Xmx2g",
                        "-Dorg.bytedeco.javacpp.maxphysicalbytes=16g",
                        "-Dorg.bytedeco.javacpp.maxbytes=12g");
        RunResult result = new Runner(options.build()).runSingle();
        return new Result(
                result.getPrimaryResult().getStatistics().getPercentile(50),
                result.getSecondaryResults().get(ResidentMemory.LABEL).getScore() / GIB);
    }
}
