package io.github.dl4jnorm.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The benchmark command: measures, prints a table, writes JSON and draws a chart. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        version = "dl4j-norm 0.1.0",
        description = "Times normalizations side by side with DL4J, ND4J and PyTorch, in one run with equal threads.")
public final class Benchmarks implements Callable<Integer> {
    /** Training steps take longer than kernels, so they are measured for that many times as long. */
    private static final double STEP_SECONDS = 8;

    @Option(
            names = "--workloads",
            split = ",",
            description = "What to compute: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Workload> workloads = Arrays.asList(Workload.values());

    @Option(
            names = "--contenders",
            split = ",",
            description = "Who computes it: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Contender> contenders = Arrays.asList(Contender.values());

    @Option(names = "--threads", description = "Threads for each contender. Default: all processors.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--seconds", description = "Measuring time per number. Default: ${DEFAULT-VALUE}.")
    private double seconds = 1;

    @Option(names = "--no-kernels", description = "Leave out the workloads.")
    private boolean noKernels;

    @Option(names = "--no-steps", description = "Leave out the whole training steps.")
    private boolean noSteps;

    @Option(names = "--no-accuracy", description = "Leave out the comparison of rounding errors.")
    private boolean noAccuracy;

    @Option(names = "--output", description = "Folder for benchmarks.json and the chart. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("benchmarks");

    private Benchmarks() {}

    /**
     * Runs the command.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Benchmarks())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Machine machine = Machine.here(threads);
        System.out.println(machine);
        List<Measurement> measurements = new ArrayList<>();
        // Workload by workload, so that the contenders of a workload meet the same state of the machine.
        for (Workload workload : noKernels ? List.<Workload>of() : workloads) {
            for (Contender contender : contenders) {
                if (contender.supports(workload)) {
                    measurements.addAll(run(workload, contender));
                }
            }
        }
        if (!noSteps) {
            measurements.addAll(steps());
        }
        ResultTable report = new ResultTable(machine, measurements);
        System.out.println(report.table());
        report.write(output);
        if (!noAccuracy) {
            System.out.println(Accuracy.table());
        }
        return 0;
    }

    private List<Measurement> run(Workload workload, Contender contender) throws RunnerException {
        System.out.println(workload.title() + ": " + contender.title());
        return measure(
                options(NormBenchmark.class, seconds)
                        .param("workload", workload.name())
                        .param("contender", contender.name())
                        .param("threads", Integer.toString(threads)),
                contender.jvmArguments());
    }

    private List<Measurement> steps() throws RunnerException {
        System.out.println("training steps");
        return measure(
                options(TrainingStepBenchmark.class, STEP_SECONDS * seconds)
                        .param("threads", Integer.toString(threads)),
                List.of("--add-modules=jdk.incubator.vector"));
    }

    private static ChainedOptionsBuilder options(Class<?> benchmark, double seconds) {
        TimeValue slice = TimeValue.milliseconds(Math.round(seconds * 1000 / 4));
        return new OptionsBuilder()
                .include(Pattern.quote(benchmark.getName()) + "\\.")
                .forks(1)
                .warmupIterations(8)
                .warmupTime(slice)
                .measurementIterations(4)
                .measurementTime(slice)
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
    }

    private List<Measurement> measure(ChainedOptionsBuilder options, List<String> jvmArguments) throws RunnerException {
        List<String> arguments = new ArrayList<>(jvmArguments);
        arguments.addAll(List.of(
                "-Xmx2g",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=12g",
                "-Dorg.bytedeco.javacpp.maxbytes=8g",
                "-Ddl4jnorm.threads=" + threads));
        return new Runner(options.jvmArgs(arguments.toArray(new String[0])).build())
                .run().stream().map(Benchmarks::measurement).toList();
    }

    private static Measurement measurement(RunResult result) {
        BenchmarkParams params = result.getParams();
        boolean step = params.getBenchmark().startsWith(TrainingStepBenchmark.class.getName());
        String workload = step
                ? TrainingStepBenchmark.Step.valueOf(params.getParam("step")).title()
                : Workload.valueOf(params.getParam("workload")).title();
        String contender =
                step ? "" : Contender.valueOf(params.getParam("contender")).title();
        String phase = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        double median = result.getPrimaryResult().getStatistics().getPercentile(50);
        return new Measurement(workload, contender, phase, median, allocated(result));
    }

    private static double allocated(RunResult result) {
        for (String name : result.getSecondaryResults().keySet()) {
            if (name.endsWith("gc.alloc.rate.norm")) {
                return result.getSecondaryResults().get(name).getScore();
            }
        }
        return Double.NaN;
    }
}
