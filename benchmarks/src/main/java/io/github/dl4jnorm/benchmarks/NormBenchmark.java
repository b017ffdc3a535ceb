package io.github.dl4jnorm.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One normalization by one contender: forward, backward, and both in turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class NormBenchmark {
    /** What is computed. */
    @Param
    public Workload workload;

    /** Who computes it. */
    @Param
    public Contender contender;

    /** Threads for each contender. */
    @Param("2")
    public int threads;

    private Task task;

    /** Called by JMH. */
    public NormBenchmark() {}

    /** Allocates the data. */
    @Setup(Level.Trial)
    public void prepare() {
        Threads.limit(threads);
        task = contender.task(workload, threads);
        task.forward();
        task.backward();
    }

    /** Frees the data. */
    @TearDown(Level.Trial)
    public void release() {
        task.close();
    }

    /** The forward pass. */
    @Benchmark
    public void forward() {
        task.forward();
    }

    /** The backward pass. */
    @Benchmark
    public void backward() {
        task.backward();
    }

    /** A forward and a backward pass. */
    @Benchmark
    public void both() {
        task.forward();
        task.backward();
    }
}
