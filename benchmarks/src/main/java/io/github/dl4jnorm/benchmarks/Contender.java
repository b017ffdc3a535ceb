package io.github.dl4jnorm.benchmarks;

import io.github.dl4jnorm.engine.Nd4jEngine;
import io.github.dl4jnorm.engine.NormEngines;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Who computes a workload, and the JVM arguments that make it so. */
public enum Contender {
    /** Ours, the fused engine with plain Java kernels. */
    SCALAR(
            "ours, scalar",
            w -> true,
            (w, threads) -> new EngineTask(w, NormEngines.current()),
            "-Ddl4jnorm.engine=fused",
            "-Ddl4jnorm.kernels=scalar"),
    /** Ours, the fused engine with the kernels of the vector API. */
    VECTOR(
            "ours, vector",
            w -> true,
            (w, threads) -> new EngineTask(w, NormEngines.current()),
            "--add-modules=jdk.incubator.vector",
            "-Ddl4jnorm.engine=fused",
            "-Ddl4jnorm.kernels=vector"),
    /** Ours, the engine of array operations. */
    ND4J_ENGINE("ours, nd4j engine", w -> true, (w, threads) -> new EngineTask(w, new Nd4jEngine())),
    /** DL4J's own BatchNormalization layer. */
    BUILTIN("DL4J built-in", BuiltinTask::supports, (w, threads) -> new BuiltinTask(w)),
    /** ND4J's native layer_norm and layer_norm_bp. */
    ND4J_LAYER_NORM("ND4J layer_norm", w -> w.kind() == Workload.Kind.LAYER, (w, threads) -> new Nd4jLayerNormTask(w)),
    /** PyTorch's CPU kernels, called through TorchScript. */
    PYTORCH("PyTorch", w -> true, TorchTask::new),
    /** A plain copy of the same bytes: no normalization can be faster. */
    COPY("copy", w -> true, CopyTask::new);

    private final String title;
    private final Predicate<Workload> supports;
    private final BiFunction<Workload, Integer, Task> task;
    private final List<String> jvmArguments;

    Contender(
            String title,
            Predicate<Workload> supports,
            BiFunction<Workload, Integer, Task> task,
            String... jvmArguments) {
        this.title = title;
        this.supports = supports;
        this.task = task;
        this.jvmArguments = List.of(jvmArguments);
    }

    String title() {
        return title;
    }

    boolean supports(Workload workload) {
        return supports.test(workload);
    }

    List<String> jvmArguments() {
        return jvmArguments;
    }

    /** A new task with its data in memory. */
    Task task(Workload workload, int threads) {
        return task.apply(workload, threads);
    }
}
