package io.github.dl4jnorm.benchmarks;

import io.github.dl4jnorm.benchmarks.kernel.Contender;
import io.github.dl4jnorm.benchmarks.kernel.KernelFiles;
import io.github.dl4jnorm.benchmarks.kernel.KernelRow;
import io.github.dl4jnorm.benchmarks.kernel.KernelRun;
import io.github.dl4jnorm.benchmarks.kernel.KernelTable;
import io.github.dl4jnorm.benchmarks.kernel.KernelTargets;
import io.github.dl4jnorm.benchmarks.kernel.Workload;
import io.github.dl4jnorm.benchmarks.measure.Effort;
import io.github.dl4jnorm.benchmarks.network.NextCommand;
import io.github.dl4jnorm.benchmarks.network.StepRun;
import io.github.dl4jnorm.benchmarks.network.ZooCommand;
import io.github.dl4jnorm.benchmarks.report.Machine;
import io.github.dl4jnorm.benchmarks.report.Markdown;
import io.github.dl4jnorm.benchmarks.report.Target;
import io.github.dl4jnorm.cli.Cli;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The benchmark command: measures, prints tables, writes JSON and draws a chart. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        version = "dl4j-norm 0.1.0",
        description = "Times normalizations side by side with DL4J, ND4J, PyTorch and oneDNN, in turn and with equal "
                + "threads.")
public final class Benchmarks implements Callable<Integer> {
    @Option(
            names = "--workloads",
            split = ",",
            description = "What to compute: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Workload> workloads;

    @Option(
            names = "--contenders",
            split = ",",
            description = "Who computes it: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Contender> contenders = Arrays.asList(Contender.values());

    @Option(names = "--threads", description = "Threads for each contender. Default: all processors.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--rounds", description = "Rounds per pass over a workload. Default: ${DEFAULT-VALUE}.")
    private int rounds = 15;

    @Option(names = "--step-rounds", description = "Rounds of the CNN's training steps. Default: ${DEFAULT-VALUE}.")
    private int stepRounds = 50;

    @Option(names = "--smoke", description = "See whether everything works: small workloads, and times worth nothing.")
    private boolean smoke;

    @Option(names = "--no-kernels", description = "Leave out the workloads.")
    private boolean noKernels;

    @Option(names = "--no-steps", description = "Leave out the training steps.")
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
        System.exit(Cli.run(commands(), arguments));
    }

    /** The command and its subcommands. */
    static CommandLine commands() {
        return new CommandLine(new Benchmarks())
                .addSubcommand(new ZooCommand(WorkerMain.class))
                .addSubcommand(new NextCommand(WorkerMain.class));
    }

    @Override
    public Integer call() throws Exception {
        Machine machine = Machine.here(threads);
        System.out.println(machine);
        List<Target> targets = new ArrayList<>();
        if (!noKernels || !noAccuracy) {
            targets.addAll(kernels(machine));
        }
        if (!noSteps) {
            StepRun steps = new StepRun(threads, WorkerMain.class);
            steps.measure(smoke ? 2 : stepRounds, smoke ? 1 : 2);
            System.out.println(steps.table());
            targets.addAll(steps.targets());
        }
        System.out.print("\n" + Markdown.head(List.of("target", "wanted", "measured", "met", "")));
        targets.forEach(target -> System.out.print(target.row()));
        return 0;
    }

    private List<Target> kernels(Machine machine) throws Exception {
        List<Target> targets = List.of();
        try (KernelRun run = new KernelRun(contenders, threads, WorkerMain.class)) {
            if (!noKernels) {
                List<KernelRow> rows = run.measure(workloads(), effort());
                System.out.println(KernelTable.of(rows));
                KernelFiles.write(output, machine, rows);
                targets = KernelTargets.of(rows);
            }
            if (!noAccuracy) {
                System.out.println(KernelTable.accuracy(run.accuracy()));
            }
        }
        return targets;
    }

    private Effort effort() {
        return smoke ? new Effort(0, 0.001, 3, 0) : new Effort(0.2, 0.03, rounds, 0.002);
    }

    private List<Workload> workloads() {
        if (workloads != null) {
            return workloads;
        }
        return smoke ? Workload.smallest() : Workload.timed();
    }
}
