package io.github.dl4jnorm.benchmarks.kernel;

import io.github.dl4jnorm.benchmarks.measure.Launch;
import io.github.dl4jnorm.benchmarks.measure.Task;
import java.util.Optional;

/** Who computes a workload. */
public enum Contender {
    /** Ours, the fused engine with the kernels of the vector API. */
    VECTOR("ours, vector"),
    /** Ours, the fused engine with plain Java kernels. */
    SCALAR("ours, scalar"),
    /** PyTorch's CPU kernels. */
    PYTORCH("PyTorch"),
    /** oneDNN on arrays as they are. */
    ONEDNN("oneDNN"),
    /** oneDNN on arrays in the layout that it has the best kernels for. */
    ONEDNN_OWN_LAYOUT("oneDNN, own layout"),
    /** DL4J's own BatchNormalization layer. */
    BUILTIN("DL4J built-in"),
    /** ND4J's native layer_norm and layer_norm_bp. */
    ND4J_LAYER_NORM("ND4J layer_norm"),
    /** Ours, the engine of array operations. */
    ND4J_ENGINE("ours, nd4j engine"),
    /** A plain copy of the same bytes: no normalization can be faster. */
    COPY("copy");

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Whether it is compiled while it runs, and so must first have seen every workload. */
    boolean isJava() {
        return this == VECTOR || this == SCALAR;
    }

    Launch launch(int threads) {
        Launch launch =
                switch (this) {
                    case VECTOR ->
                        Launch.dl4j(
                                threads,
                                "--add-modules=jdk.incubator.vector",
                                "-Ddl4jnorm.engine=fused",
                                "-Ddl4jnorm.kernels=vector");
                    case SCALAR -> Launch.dl4j(threads, "-Ddl4jnorm.engine=fused", "-Ddl4jnorm.kernels=scalar");
                    case ND4J_ENGINE -> Launch.dl4j(threads, "-Ddl4jnorm.engine=nd4j");
                    case BUILTIN, ND4J_LAYER_NORM, COPY -> Launch.dl4j(threads);
                    case PYTORCH, ONEDNN, ONEDNN_OWN_LAYOUT ->
                        Launch.dl4j(threads).withPeers();
                };
        return launch.withKeptMemory();
    }

    /** A new task with its data in memory; nothing if this contender cannot compute it. */
    Optional<Task> task(Problem problem) {
        Workload workload = problem.workload();
        return switch (this) {
            case VECTOR, SCALAR, ND4J_ENGINE -> Optional.of(new EngineTask(problem));
            case BUILTIN -> BuiltinTask.supports(workload) ? Optional.of(new BuiltinTask(problem)) : Optional.empty();
            case ND4J_LAYER_NORM ->
                workload.kind() == Kind.LAYER ? Optional.of(new Nd4jLayerNormTask(problem)) : Optional.empty();
            case PYTORCH -> Optional.of(TorchTask.of(problem));
            case ONEDNN, ONEDNN_OWN_LAYOUT -> OneDnnTask.of(problem, this == ONEDNN_OWN_LAYOUT);
            case COPY -> Optional.of(new CopyTask(problem));
        };
    }
}
