package io.github.dl4jnorm.benchmarks;

import java.util.Collection;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/** The memory, on and off the heap, that the process of a benchmark holds: the most after any of its iterations. */
public final class ResidentMemory implements InternalProfiler {
    /** Name of the result. */
    static final String LABEL = "resident";

    /** Called by JMH. */
    public ResidentMemory() {}

    @Override
    public String getDescription() {
        return "resident memory of the process";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        // nothing to prepare
    }

    @Override
    public Collection<? extends Result<ScalarResult>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return List.of(new ScalarResult(LABEL, Pointer.physicalBytes(), "bytes", AggregationPolicy.MAX));
    }
}
