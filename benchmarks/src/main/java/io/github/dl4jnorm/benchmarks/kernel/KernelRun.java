package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Effort;
import io.github.dl4jnorm.benchmarks.measure.Phase;
import io.github.dl4jnorm.benchmarks.measure.Rounds;
import io.github.dl4jnorm.benchmarks.measure.Worker;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures workloads: every contender in a process of its own, all of them alive from the first to the last workload. */
public final class KernelRun implements AutoCloseable {
    private static final List<Phase> PHASES = List.of(Phase.FORWARD, Phase.BACKWARD, Phase.BOTH);

    private final Map<Contender, Worker> workers = new EnumMap<>(Contender.class);
    private final int threads;

    /**
     * Starts the processes.
     *
     * @param contenders who takes part
     * @param threads threads for each
     * @param main main class of the processes
     */
    public KernelRun(List<Contender> contenders, int threads, Class<?> main) {
        this.threads = threads;
        for (Contender contender : contenders) {
            workers.put(contender, new Worker(contender.title(), contender.launch(threads), main));
        }
    }

    /**
     * Measures.
     *
     * @param workloads what to compute
     * @param effort how long
     * @return three rows per workload
     */
    public List<KernelRow> measure(List<Workload> workloads, Effort effort) {
        if (workloads.size() > 1) {
            tour(workloads, effort);
        }
        List<KernelRow> rows = new ArrayList<>();
        for (Workload workload : workloads) {
            System.err.println(workload.title());
            Map<Contender, double[]> errors = new EnumMap<>(Contender.class);
            Map<Contender, Worker> able = prepare(workload, Values.NORMAL, errors);
            for (Phase phase : PHASES) {
                rows.add(new KernelRow(workload, phase, Rounds.run(able, phase, effort), errors));
            }
            able.values().forEach(Worker::release);
        }
        return rows;
    }

    /**
     * Computes everything once in the processes whose code is compiled by what it has seen, as in a program with several
     * shapes: else the first workload would meet code made for it alone.
     */
    private void tour(List<Workload> workloads, Effort effort) {
        workers.forEach((contender, worker) -> {
            if (contender.isJava()) {
                for (Workload workload : workloads) {
                    KernelTasks.prepare(worker, contender, workload, Values.NORMAL, threads);
                    PHASES.forEach(phase -> worker.sample(phase, effort.warmUpSeconds()));
                    worker.release();
                }
            }
        });
    }

    /** Those that can compute a workload, with their errors. */
    private Map<Contender, Worker> prepare(Workload workload, Values values, Map<Contender, double[]> errors) {
        Map<Contender, Worker> able = new EnumMap<>(Contender.class);
        workers.forEach((contender, worker) -> {
            if (KernelTasks.prepare(worker, contender, workload, values, threads)) {
                able.put(contender, worker);
                double[] error = worker.errors();
                if (error.length > 0) {
                    errors.put(contender, error);
                }
            }
        });
        return able;
    }

    /**
     * Compares rounding errors on data that is hard to normalize.
     *
     * @return errors of y, dx, dγ and dβ
     */
    public Map<Values, Map<Contender, double[]>> accuracy() {
        Map<Values, Map<Contender, double[]>> all = new EnumMap<>(Values.class);
        for (Values values : Values.values()) {
            Map<Contender, double[]> errors = new EnumMap<>(Contender.class);
            prepare(Workload.HARD, values, errors);
            all.put(values, errors);
        }
        workers.values().forEach(Worker::release);
        return all;
    }

    @Override
    public void close() {
        workers.values().forEach(Worker::close);
    }
}
